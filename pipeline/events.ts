import type { ByRole } from "./roles.ts";
import type { Status } from "./types.ts";

/**
 * What happens in a run, as it happens. Everything that people see is a rendering of these; `--json`
 * prints them and `outputs/<name>/events.jsonl` keeps them, one a line, each with `time` (ISO 8601).
 */
export type RunEvent =
  | {
    type: "run-started";
    name: string;
    config: string;
    stages: string[];
    /** Absent in logs of older versions, as is `graph`. */
    seed?: number;
    /** Every stage with what it is to work with, in order, before any has begun. */
    graph?: PlannedInLog[];
  }
  | { type: "stage-started"; stage: string; kind: string; key: string; reason: string }
  | { type: "waiting"; stage: string; pid: number | null; host?: string; for: string }
  | {
    type: "progress";
    stage: string;
    done: number;
    total: number;
    unit: string;
    detail?: string;
    /** Units a second over the last seconds. */
    rate: number;
    /** Seconds left at that rate. */
    left: number | null;
  }
  | { type: "line"; stage: string; text: string }
  | { type: "warning"; stage: string | null; text: string }
  | { type: "figures"; stage: string; names: string[] }
  | { type: "part-finished"; stage: string; part: number; of: number; seconds: number }
  | {
    type: "stage-finished";
    stage: string;
    kind: string;
    status: Status;
    key: string | null;
    reason: string;
    seconds: number;
    error?: string;
  }
  | { type: "run-finished"; name: string; exit: number; seconds: number; folder: string };

/** A stage of the plan, as the log tells it. */
export interface PlannedInLog {
  readonly name: string;
  readonly kind: string;
  /** Role to the name of the stage that it is read from, or to names. */
  readonly needs: ByRole<string>;
  /** With every default filled in. */
  readonly parameters: Readonly<Record<string, unknown>>;
}

/** An event with the moment at which it happened, ISO 8601. */
export type TimedEvent = RunEvent & { readonly time: string };

/** Takes events; must not throw. */
export type EventSink = (event: RunEvent) => void;

/** Adds the present moment to an event that has none yet. */
export function withTime(event: RunEvent): TimedEvent {
  return "time" in event ? event as TimedEvent : { time: new Date().toISOString(), ...event };
}
