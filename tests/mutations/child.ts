/**
 * Reads damaged files in a process of its own: `child.ts KIND FIRST COUNT FOLDER`. For each seed it
 * prints a line before, and a line with the outcome after, so that whoever started it knows which
 * one a crash or a hang belongs to.
 */
import { UserError } from "../../base/errors.ts";
import type { Outcome } from "./campaign.ts";
import { type Damaged, type Kind, type Subject, SUBJECTS } from "./subject.ts";
import { faultOf, printed } from "./verdict.ts";

/** Bytes of memory that reading a file may take beside what the file's size allows. */
const SLACK = 96 << 20;
/** Bytes of memory for a byte of the file. */
const PER_BYTE = 64;

const [kind, first, count, folder] = Deno.args;

let rejected: unknown;
addEventListener("unhandledrejection", (event) => {
  event.preventDefault();
  rejected = event.reason;
});

const prepare = await SUBJECTS[kind as Kind]();
const subject = await prepare(folder);
// What is loaded at the first call counts for none of the files.
await judge(subject, await subject.write(0), 0);
for (let seed = Number(first); seed < Number(first) + Number(count); seed++) {
  print({ begin: seed });
  print(await judge(subject, await subject.write(seed), seed));
}

function print(line: unknown): void {
  const bytes = new TextEncoder().encode(`${JSON.stringify(line)}\n`);
  for (let done = 0; done < bytes.length;) done += Deno.stdout.writeSync(bytes.subarray(done));
}

async function judge(subject: Subject, damaged: Damaged, seed: number): Promise<Outcome> {
  rejected = undefined;
  startPeak();
  const before = Deno.memoryUsage().rss;
  let message: string | undefined;
  let fault: string | undefined;
  try {
    await subject.read(damaged);
  } catch (error) {
    fault = faultOf(error, damaged);
    message = error instanceof UserError ? printed(error) : String(error);
  }
  // A promise that nobody waits for is told of one turn later.
  await new Promise((resolve) => setTimeout(resolve, 0));
  if (rejected !== undefined) fault ??= `uncaught: ${rejected}`;
  const growth = peak() - before;
  const allowed = SLACK + PER_BYTE * damaged.bytes;
  if (growth > allowed) fault ??= `${growth} bytes of memory for ${damaged.bytes} bytes of files`;
  return { seed, accepted: message === undefined, message, fault, growth };
}

/** Makes Linux count the most memory from now on. */
function startPeak(): void {
  try {
    Deno.writeTextFileSync("/proc/self/clear_refs", "5");
  } catch {
    // Elsewhere what is in use afterwards has to do.
  }
}

/** The most bytes of memory that were in use at once. */
function peak(): number {
  try {
    const line = /VmHWM:\s*(\d+) kB/.exec(Deno.readTextFileSync("/proc/self/status"));
    return Number(line![1]) * 1024;
  } catch {
    return Deno.memoryUsage().rss;
  }
}
