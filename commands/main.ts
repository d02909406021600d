import { messageOf, UserError } from "../base/errors.ts";
import { type Command, helpText, parseCommandLine, unknownCommand } from "./cli.ts";

/** Every command, by the word after `deno task`. Each is loaded when it is called. */
const COMMANDS: Readonly<Record<string, () => Promise<{ command: Command }>>> = {
  run: () => import("./run.ts"),
  validate: () => import("./validate.ts"),
  schema: () => import("./schema.ts"),
};

/** Exit code where the config or the command line is wrong. */
const WRONG_INPUT = 2;

/** Finds the command, reads its options, runs it. @returns the exit code. */
async function main([word = "", ...args]: readonly string[]): Promise<number> {
  const debug = args.includes("--debug");
  try {
    const load = Object.hasOwn(COMMANDS, word) ? COMMANDS[word] : undefined;
    if (!load) throw unknownCommand(word, Object.keys(COMMANDS));
    const { command } = await load();
    const line = parseCommandLine(args, command);
    if (line.flag("help")) {
      console.log(helpText(command));
      return 0;
    }
    return await command.run(line);
  } catch (error) {
    printError(error, debug);
    return error instanceof UserError ? WRONG_INPUT : 1;
  }
}

/** One to three lines; the stack trace only where it was asked for. */
function printError(error: unknown, debug: boolean): void {
  console.error(messageOf(error));
  if (error instanceof UserError && error.hint) console.error(error.hint);
  if (debug && error instanceof Error) console.error(error.stack);
  else if (!(error instanceof UserError)) console.error("--debug shows where this came from");
}

Deno.exit(await main(Deno.args));
