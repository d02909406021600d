import { messageOf } from "../../base/errors.ts";
import { START } from "../start.ts";

/** What a command of Slurm's answered. */
export interface Answer {
  /** Its exit status; null where it is not there, may not be run, or did not answer in time. */
  readonly code: number | null;
  readonly stdout: string;
  /** What it complained of as one line, or why there is no answer. */
  readonly complaint: string;
}

/**
 * Runs a command of Slurm's. A controller that hangs must not hang who asks: the command is killed
 * when its time is over. Never throws.
 * @param seconds How long it may take.
 * @param environment All that it finds there; by default what this process has.
 */
export async function ask(
  command: string,
  args: readonly string[],
  seconds: number,
  environment?: Readonly<Record<string, string>>,
): Promise<Answer> {
  const signal = AbortSignal.timeout(seconds * 1000);
  try {
    const { code, stdout, stderr } = await new Deno.Command(START, {
      args: [command, ...args],
      // Without it a list of an array's tasks is cut after 64 characters.
      env: environment ?? { SLURM_BITSTR_LEN: "0" },
      clearEnv: environment !== undefined,
      stdin: "null",
      signal,
    }).output();
    if (signal.aborted) return none(`${command} did not answer within ${seconds} s`);
    if (code === 127) return none(`${command} is not on the PATH`);
    const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
    return { code, stdout: text(stdout), complaint: inOneLine(text(stderr)) };
  } catch (error) {
    return none(`${command}: ${messageOf(error)}`);
  }
}

function none(complaint: string): Answer {
  return { code: null, stdout: "", complaint };
}

/** `sbatch: error: invalid partition specified: x` and what follows, without who says it. */
function inOneLine(text: string): string {
  return text.split("\n").map((line) => line.replace(/^\w+: (error: )?/, "").trim())
    .filter((line) => line !== "").join("; ");
}
