/**
 * Reads files in a process of its own: `child.ts KIND WHICH FIRST COUNT FOLDER`. For each it prints a
 * line before, and a line with the outcome after, so that whoever started it knows which one a crash
 * or a hang belongs to.
 */
import { UserError } from "../../base/errors.ts";
import type { Outcome, Which } from "./campaign.ts";
import { keptOf } from "./kept.ts";
import { type Damaged, type Kind, type Subject, SUBJECTS } from "./subject.ts";
import { faultOf, printed } from "./verdict.ts";

/** Bytes of memory that reading a file may take beside what the file's size allows. */
const SLACK = 64 << 20;
/** Bytes of memory for a byte of the file. */
const PER_BYTE = 64;

const [kind, which, first, count, folder] = Deno.args as [Kind, Which, ...string[]];

let rejected: unknown;
let reading = false;
addEventListener("unhandledrejection", (event) => {
  if (!reading) return; // a mistake in the mutators, which ends the process
  event.preventDefault();
  rejected = event.reason;
});

const prepare = await SUBJECTS[kind]();
const subject = await prepare(folder);
// What is loaded at the first call counts for none of the files.
for (const { file, content } of subject.whole) {
  await judge(subject, await subject.writeContent(content, file), 0);
}
for (let seed = Number(first); seed < Number(first) + Number(count); seed++) {
  print({ begin: seed });
  print(await judge(subject, await write(seed), seed));
}

async function write(seed: number): Promise<Damaged> {
  if (which === "damaged") return await subject.write(seed);
  const { content, file } = (which === "whole" ? subject.whole : keptOf(kind))[seed];
  return await subject.writeContent(content, file);
}

function print(line: unknown): void {
  const bytes = new TextEncoder().encode(`${JSON.stringify(line)}\n`);
  for (let done = 0; done < bytes.length;) done += Deno.stdout.writeSync(bytes.subarray(done));
}

async function judge(subject: Subject, damaged: Damaged, seed: number): Promise<Outcome> {
  rejected = undefined;
  reading = true;
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
  reading = false;
  if (rejected !== undefined) fault ??= `uncaught: ${rejected}`;
  const growth = peak() - before;
  const allowed = SLACK + PER_BYTE * damaged.bytes + (damaged.extra ?? 0);
  if (growth > allowed) fault ??= `${growth} bytes of memory for ${damaged.bytes} bytes of files`;
  message = message?.replaceAll(folder, "FOLDER"); // the same for the same file
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
