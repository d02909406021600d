import { join } from "node:path";
import { TextLineStream } from "./lines.ts";
import type { Kind } from "./subject.ts";

/** How one damaged file was taken. */
export interface Outcome {
  readonly seed: number;
  readonly accepted: boolean;
  /** What a person would see. */
  readonly message?: string;
  /** What is wrong with that. */
  readonly fault?: string;
  /** Bytes of memory that reading took. */
  readonly growth: number;
}

/** What is read: damaged files by seed, those that were kept, or whole ones, by place in their list. */
export type Which = "damaged" | "kept" | "whole";

/** Which files are read. */
export interface Campaign {
  readonly kind: Kind;
  readonly which: Which;
  readonly first: number;
  readonly count: number;
  /** Milliseconds after which a file counts as one that hangs its reader; most take under 10. */
  readonly hang?: number;
}

const HANG = 30_000;
/** Bytes of writable memory that a reader may ask the system for, touched or not. */
const MOST_MEMORY = 3 * 2 ** 30;
/** Faults after which there is no point in going on. */
const ENOUGH = 50;

/**
 * Has the files `first` to `first + count - 1` of a kind read by another process, which is started
 * again after a crash, and ended when it hangs.
 */
export async function campaign(asked: Campaign): Promise<Outcome[]> {
  const { first, count } = asked;
  const outcomes: Outcome[] = [];
  let next = first;
  while (next < first + count && outcomes.filter(({ fault }) => fault).length < ENOUGH) {
    const folder = await Deno.makeTempDir();
    try {
      const read = await readBy({ ...asked, first: next, count: first + count - next }, folder);
      outcomes.push(...read);
      next += read.length;
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  }
  return outcomes;
}

/** One process, until it is done, dies or hangs. The last outcome then says so. */
async function readBy(
  { kind, which, first, count, hang = HANG }: Campaign,
  folder: string,
): Promise<Outcome[]> {
  const child = new Deno.Command("sh", {
    // Memory that is asked for and never touched is in no process's size, but counts here.
    args: [
      "-c",
      `ulimit -d ${MOST_MEMORY / 1024} 2>/dev/null; exec "$@"`,
      "sh",
      Deno.execPath(),
      "run",
    ]
      .concat("-A", "--no-check", "--quiet", join(import.meta.dirname!, "child.ts"))
      .concat(kind, which, String(first), String(count), folder),
    env: {
      HF_HUB_OFFLINE: "1",
      HF_HOME: join(folder, "hub"),
      VITRINE_CACHE: join(folder, "cache"),
    },
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const errors = new Response(child.stderr).text();
  const outcomes: Outcome[] = [];
  let hangs = false;
  let clock: ReturnType<typeof setTimeout> | undefined;
  const kill = () => {
    hangs = true;
    child.kill("SIGKILL");
  };
  for await (const line of child.stdout.pipeThrough(new TextLineStream())) {
    clearTimeout(clock);
    const event: Outcome | { begin: number } = JSON.parse(line);
    if ("begin" in event) clock = setTimeout(kill, hang);
    else outcomes.push(event);
  }
  clearTimeout(clock);
  const { success, code, signal } = await child.status;
  if (success && outcomes.length === count) return outcomes;
  const how = hangs ? "hangs" : `ends the process: ${signal ?? `exit ${code}`}`;
  const fault = `${how}\n${(await errors).slice(-2000)}`;
  return [...outcomes, { seed: first + outcomes.length, accepted: false, fault, growth: 0 }];
}
