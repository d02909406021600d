import { parseArgs } from "node:util";
import { UserError } from "../base/errors.ts";
import { listWords, nearest } from "../pipeline/suggest.ts";

/** One option of a command; parsing and help text are both made of it. */
export interface Option {
  /** Without the hyphens: `dry-run`. */
  readonly name: string;
  /** One letter: `n` for `-n`. */
  readonly short?: string;
  /** What help calls its value: `N`. Without it the option is a switch. */
  readonly value?: string;
  /** May be given more than once; read it with `list`. */
  readonly repeat?: boolean;
  /** The words that it takes. */
  readonly choices?: readonly string[];
  /** It takes a whole number in this range, both ends included. */
  readonly range?: readonly [least: number, most: number];
  /**
   * The value may be left out: `--force` or `--force STAGE`. Says of the word that follows whether
   * it is one; otherwise it is an argument of its own.
   */
  readonly takes?: (word: string) => boolean;
  /** One line. */
  readonly description: string;
}

/** What a command is, for the parser and for help. */
export interface CommandSpec {
  /** The word after `deno task`. */
  readonly name: string;
  /** One line. */
  readonly summary: string;
  /** Its arguments as help shows them: `CONFIG…`; "" where it has none. */
  readonly usage: string;
  /** How many arguments it takes; 0 of them by default. */
  readonly arguments?: { readonly least: number; readonly most: number };
  readonly options: readonly Option[];
  /** A whole line that works: `deno task run configs/cifar10.yaml`. */
  readonly example: string;
}

/** A command: what it is, and its work. */
export interface Command extends CommandSpec {
  /** @returns the exit code: 0 done, 1 failed, 2 wrong config or command line, 130 interrupted. */
  run(parsed: CommandLine): Promise<number>;
}

/** A mistake on the command line. Exit code 2. */
export class CommandLineError extends UserError {
  override name = "CommandLineError";
}

/** Options that every command has. */
export const COMMON_OPTIONS: readonly Option[] = [
  { name: "help", short: "h", description: "Show this text" },
  { name: "debug", description: "Show where in the code an error arose" },
];

/** What was written after a command. */
export class CommandLine {
  /** Arguments that are no options, in order. */
  readonly positionals: readonly string[];
  readonly #options: ReadonlyMap<string, Option>;
  /** Values by option's name, in order; null for an option that was given without one. */
  readonly #values: ReadonlyMap<string, readonly (string | null)[]>;

  constructor(
    positionals: readonly string[],
    options: ReadonlyMap<string, Option>,
    values: ReadonlyMap<string, readonly (string | null)[]>,
  ) {
    this.positionals = positionals;
    this.#options = options;
    this.#values = values;
  }

  /** Whether an option was given. */
  flag(name: string): boolean {
    return this.#given(name).length > 0;
  }

  /** An option's value, the last one if it was given more than once. */
  text(name: string): string | undefined {
    return this.#given(name).at(-1) ?? undefined;
  }

  /** A numeric option's value. */
  number(name: string): number | undefined {
    const text = this.text(name);
    return text === undefined ? undefined : Number(text);
  }

  /** Every value of an option that may be repeated, in order; uses without a value are left out. */
  list(name: string): string[] {
    return this.#given(name).filter((value) => value !== null);
  }

  #given(name: string): readonly (string | null)[] {
    if (!this.#options.has(name)) throw new Error(`The command declares no option "${name}"`);
    return this.#values.get(name) ?? [];
  }
}

/**
 * Reads what was written after a command.
 * @throws {CommandLineError} for an option that it does not have, a value that is missing, not
 * wanted or wrong, and too few or too many arguments; not where `--help` is among them.
 */
export function parseCommandLine(args: readonly string[], command: CommandSpec): CommandLine {
  const options = new Map([...command.options, ...COMMON_OPTIONS].map((o) => [o.name, o]));
  const { tokens } = parseArgs({
    args: [...args],
    strict: false,
    allowPositionals: true,
    tokens: true,
    options: Object.fromEntries(
      [...options.values()].map(({ name, short, value, takes }) => [name, {
        type: value && !takes ? "string" as const : "boolean" as const,
        ...(short === undefined ? {} : { short }),
        multiple: true,
      }]),
    ),
  });
  const values = new Map<string, (string | null)[]>();
  const positionals: string[] = [];
  const helped = tokens.some((token) => token.kind === "option" && token.name === "help");
  const checked = <T>(work: () => T) => helped ? undefined : work();
  for (let index = 0; index < tokens.length; index++) {
    const token = tokens[index];
    if (token.kind === "positional") positionals.push(token.value);
    if (token.kind !== "option") continue;
    const option = options.get(token.name);
    if (option === undefined) {
      checked(() => unknownOption(token.rawName, command, options));
      continue;
    }
    let value = token.value ?? null;
    const next = tokens[index + 1];
    if (value === null && next?.kind === "positional" && option.takes?.(next.value)) {
      value = next.value;
      index++;
    }
    checked(() => checkValue(option, token.rawName, value, token.inlineValue === true, command));
    const before = values.get(option.name) ?? [];
    if (before.length > 0 && option.value && !option.repeat) {
      checked(() => fail(`Cannot take ${token.rawName} twice: it has one value`, command));
    }
    values.set(option.name, [...before, value]);
  }
  checked(() => checkArguments(positionals, command));
  return new CommandLine(positionals, options, values);
}

function fail(message: string, command: CommandSpec): never {
  throw new CommandLineError(message, {
    hint: `deno task ${command.name} --help lists the options`,
  });
}

function unknownOption(
  written: string,
  command: CommandSpec,
  options: ReadonlyMap<string, Option>,
): never {
  const near = nearest(written.replace(/^-+/, ""), options.keys());
  const advice = near
    ? `did you mean "--${near}"?`
    : `it has ${listWords([...options.keys()].map((name) => `--${name}`), "and")}`;
  fail(`Cannot read option "${written}" of "${command.name}": ${advice}`, command);
}

function checkValue(
  option: Option,
  written: string,
  value: string | null,
  attached: boolean,
  command: CommandSpec,
): void {
  if (option.value === undefined) {
    if (value !== null) {
      fail(`Cannot use ${JSON.stringify(value)} for ${written}: it takes no value`, command);
    }
    return;
  }
  if (value === null) {
    if (!option.takes) {
      fail(`Cannot use ${written} without a value: write ${written} ${option.value}`, command);
    }
    return;
  }
  // `--name --quiet` is a name that was forgotten, not the name "--quiet".
  if (!attached && /^-(?!\d|\.\d|$)/.test(value)) {
    fail(`Cannot use ${written} without a value: "${value}" is an option`, command);
  }
  const cannot = `Cannot use ${JSON.stringify(value)} for ${written}`;
  if (option.choices && !option.choices.includes(value)) {
    const near = nearest(value, option.choices);
    const rule = near ? `did you mean "${near}"?` : `it must be ${listWords(option.choices)}`;
    fail(`${cannot}: ${rule}`, command);
  }
  if (option.range) {
    const [least, most] = option.range;
    const number = Number(value);
    if (!/^[+-]?\d+$/.test(value) || number < least || number > most) {
      fail(`${cannot}: it must be a whole number from ${least} to ${most}`, command);
    }
  }
}

function checkArguments(positionals: readonly string[], command: CommandSpec): void {
  const { least, most } = command.arguments ?? { least: 0, most: 0 };
  if (positionals.length < least) {
    const usage = `deno task ${command.name} ${command.usage}`;
    fail(`Cannot run "${command.name}" without ${command.usage}: write ${usage}`, command);
  }
  if (positionals.length > most) {
    const rule = most === 0 ? "it takes no arguments" : `it takes ${command.usage} only`;
    fail(`Cannot use ${JSON.stringify(positionals[most])} for "${command.name}": ${rule}`, command);
  }
}

/** The error for a word that is no command. */
export function unknownCommand(word: string, names: readonly string[]): CommandLineError {
  const near = nearest(word, names);
  const advice = near ? `did you mean "${near}"?` : `there are ${listWords(names, "and", 24)}`;
  return new CommandLineError(`Cannot find a command ${JSON.stringify(word)}: ${advice}`);
}

/** What `--help` prints. */
export function helpText(command: CommandSpec): string {
  const rows = [...command.options, ...COMMON_OPTIONS].map((option) => {
    const short = option.short ? `-${option.short}, ` : "    ";
    const value = option.value === undefined
      ? ""
      : option.takes
      ? ` [${option.value}]`
      : ` ${option.value}`;
    return { left: `  ${short}--${option.name}${value}`, right: describe(option) };
  });
  const width = Math.max(...rows.map(({ left }) => left.length)) + 2;
  const usage = ["deno task", command.name, command.usage, "[options]"].filter(Boolean).join(" ");
  return [
    command.summary,
    "",
    `Usage: ${usage}`,
    `Example: ${command.example}`,
    "",
    "Options:",
    ...rows.map(({ left, right }) => left.padEnd(width) + right),
    "",
  ].join("\n");
}

function describe({ description, choices, range, repeat }: Option): string {
  const notes = [
    choices && choices.join(", "),
    range && `${range[0]} to ${range[1]}`,
    repeat && "may be repeated",
  ].filter(Boolean);
  return notes.length > 0 ? `${description} (${notes.join("; ")})` : description;
}
