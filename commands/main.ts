import { lazily } from "../base/lazy.ts";
import { DiskError, UserError } from "../base/errors.ts";
import { type Command, helpText, parseCommandLine, unknownCommand } from "./cli.ts";
import { printError } from "./print_error.ts";
import { asTyped } from "./typed.ts";

/** What a command's module exports. */
interface Loaded {
  readonly command: Command;
}

/** Every command, by the word after `deno task`. Each is loaded when it is called. */
const COMMANDS: Readonly<Record<string, () => Promise<Loaded>>> = {
  run: lazily<Loaded>("./run.ts", import.meta.url),
  validate: lazily<Loaded>("./validate.ts", import.meta.url),
  explain: lazily<Loaded>("./explain.ts", import.meta.url),
  status: lazily<Loaded>("./status.ts", import.meta.url),
  compare: lazily<Loaded>("./compare.ts", import.meta.url),
  report: lazily<Loaded>("./report.ts", import.meta.url),
  view: lazily<Loaded>("./view.ts", import.meta.url),
  gc: lazily<Loaded>("./gc.ts", import.meta.url),
  dag: lazily<Loaded>("./dag.ts", import.meta.url),
  export: lazily<Loaded>("./export.ts", import.meta.url),
  predict: lazily<Loaded>("./predict.ts", import.meta.url),
  schema: lazily<Loaded>("./schema.ts", import.meta.url),
  work: lazily<Loaded>("./work.ts", import.meta.url),
};

/** Exit code where the config or the command line is wrong. */
const WRONG_INPUT = 2;

/** Finds the command, reads its options, runs it. @returns the exit code. */
async function main([word = "", ...args]: readonly string[]): Promise<number> {
  const debug = args.includes("--debug");
  try {
    if (["--help", "-h"].includes(word)) {
      console.log(asTyped(await listCommands()));
      return 0;
    }
    if (word === "") {
      console.error(asTyped(await listCommands()));
      return WRONG_INPUT;
    }
    const load = Object.hasOwn(COMMANDS, word) ? COMMANDS[word] : undefined;
    if (!load) throw unknownCommand(word, Object.keys(COMMANDS));
    const { command } = await load();
    const line = parseCommandLine(args, command);
    if (line.flag("help")) {
      console.log(asTyped(helpText(command)));
      return 0;
    }
    return await command.run(line);
  } catch (error) {
    printError(error, debug);
    return error instanceof UserError && !(error instanceof DiskError) ? WRONG_INPUT : 1;
  }
}

/** Every command with what it does. */
async function listCommands(): Promise<string> {
  const commands = await Promise.all(Object.values(COMMANDS).map((load) => load()));
  const width = Math.max(...Object.keys(COMMANDS).map((name) => name.length));
  return [
    "Vitrine fine-tunes pretrained Vision Transformers and shows what it did.",
    "",
    "Usage: deno task COMMAND … (deno task COMMAND --help says more)",
    "",
    ...commands.map(({ command: { name, summary } }) => `  ${name.padEnd(width)}  ${summary}`),
    "",
  ].join("\n");
}

Deno.exit(await main(Deno.args));
