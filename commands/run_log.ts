import { eventSchema } from "../pipeline/event_schema.ts";
import type { Status } from "../pipeline/types.ts";

/** What a run's `events.jsonl` says of it so far. */
export interface RunLog {
  /** ISO 8601. */
  readonly started: string;
  readonly finished: readonly { name: string; kind: string; status: Status }[];
  /** The stage that was begun last and is not finished. */
  readonly current?: { name: string; kind: string };
  /** Whether it has come to its end, well or not. */
  readonly over: boolean;
}

/** Reads a run's events; undefined where there are none. Lines that are cut short do not count. */
export async function readRunLog(path: string): Promise<RunLog | undefined> {
  let started: string | undefined;
  const finished: { name: string; kind: string; status: Status }[] = [];
  let current: { name: string; kind: string } | undefined;
  let over = false;
  for (const line of (await readText(path)).split("\n")) {
    // Progress is most of a log, and says nothing here.
    if (line.includes('"type":"progress"')) continue;
    const event = parse(line);
    if (event === undefined) continue;
    started ??= event.time;
    if (event.type === "stage-started") current = { name: event.stage, kind: event.kind };
    if (event.type === "stage-finished") {
      current = undefined;
      finished.push({ name: event.stage, kind: event.kind, status: event.status });
    }
    over = event.type === "run-finished";
  }
  return started === undefined ? undefined : { started, finished, current, over };
}

function parse(line: string) {
  try {
    return eventSchema.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}

async function readText(path: string): Promise<string> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "";
    throw error;
  }
}
