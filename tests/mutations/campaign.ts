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

/** Milliseconds after which a file counts as one that hangs its reader; most take under 10. */
const HANG = 30_000;
/** Bytes of writable memory that a reader may ask the system for, touched or not. */
const MOST_MEMORY = 3 * 2 ** 30;
/** Faults after which there is no point in going on. */
const ENOUGH = 50;

/**
 * Damages files of a kind by the seeds `first` to `first + count - 1` and has them read by other
 * processes, which it starts again after a crash, and ends when they hang.
 */
export async function campaign(kind: Kind, first: number, count: number): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  let next = first;
  while (next < first + count && outcomes.filter(({ fault }) => fault).length < ENOUGH) {
    const folder = await Deno.makeTempDir();
    try {
      const read = await readBy(kind, next, first + count - next, folder);
      outcomes.push(...read);
      next += read.length;
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  }
  return outcomes;
}

/** One process, until it is done, dies or hangs. The last outcome then says so. */
async function readBy(kind: Kind, first: number, count: number, folder: string) {
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
      .concat(kind, String(first), String(count), folder),
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
  const wind = () => {
    clearTimeout(clock);
    clock = setTimeout(() => {
      hangs = true;
      child.kill("SIGKILL");
    }, HANG);
  };
  wind();
  for await (const line of child.stdout.pipeThrough(new TextLineStream())) {
    wind();
    const event: Outcome | { begin: number } = JSON.parse(line);
    if (!("begin" in event)) outcomes.push(event);
  }
  clearTimeout(clock);
  const { success, code, signal } = await child.status;
  if (success && outcomes.length === count) return outcomes;
  const how = hangs ? "hangs" : `ends the process: ${signal ?? `exit ${code}`}`;
  const fault = `${how}\n${(await errors).slice(-2000)}`;
  return [...outcomes, { seed: first + outcomes.length, accepted: false, fault, growth: 0 }];
}
