import type { TimedEvent } from "../../pipeline/events.ts";
import type { ByRole } from "../../pipeline/roles.ts";
import type { State } from "../run_list.ts";
import type { AttentionFile } from "../../stages/visualize/files.ts";
import type { Epoch } from "./page/fold.ts";

/** What `/api/runs` answers: every run, the points of sweeps among them. */
export interface RunsMessage {
  /** Dotted paths of the parameters that are not the same in all runs, in the order of the stages. */
  readonly columns: readonly string[];
  readonly runs: readonly RunRow[];
  readonly sweeps: readonly SweepRow[];
}

/** A run in the table. */
export interface RunRow {
  /** Folder in `outputs/`; `SWEEP/POINT` for the point of a sweep. */
  readonly name: string;
  readonly state: State;
  /** ISO 8601; null where it has not begun. */
  readonly started: string | null;
  /** Null where it has not ended. */
  readonly seconds: number | null;
  /** `5 fresh, train running`. */
  readonly stages: string;
  /** Of the model that was published, a fraction; null where nothing was trained. */
  readonly validation: number | null;
  /** A fraction; null where nothing was evaluated. */
  readonly test: number | null;
  /** By column, as text; null where the run has no such parameter, or it is not known yet. */
  readonly values: readonly (string | null)[];
}

/** A sweep with how far it is. */
export interface SweepRow {
  readonly name: string;
  readonly state: State;
  readonly points: number;
  /** Name of the best point so far. */
  readonly best: string | null;
  /** Validation accuracy of the best point. */
  readonly validation: number | null;
}

/** What `/api/run?name=…` answers: what lies in a run's folder. */
export interface RunMessage {
  readonly name: string;
  readonly state: State;
  readonly config: string | null;
  readonly seed: number | null;
  readonly engine: string | null;
  readonly started: string | null;
  readonly seconds: number | null;
  readonly stages: readonly StageMessage[];
  readonly epochs: readonly Epoch[];
  /** Epoch whose model was published; null where it is the last one, or none is. */
  readonly published: number | null;
  /** How well the published model does; null where nothing was trained. */
  readonly fitted: Omit<Epoch, "epoch"> | null;
  /** Test accuracy, a fraction. */
  readonly test: number | null;
  /** Whether there is a report.html. */
  readonly report: boolean;
}

/** A stage with what it published. */
export interface StageMessage {
  readonly name: string;
  readonly kind: string;
  /** Role to stage, as far as it is known. */
  readonly needs: ByRole<string>;
  /** Dotted path and value. */
  readonly parameters: readonly (readonly [path: string, value: string])[];
  readonly figures: readonly FigureMessage[];
  /** Files that a browser can show, by name. */
  readonly files: readonly string[];
  /** Whether it has attention to be explored. */
  readonly attention: boolean;
}

/** A figure of a stage: `figures/NAME.svg` in its folder. */
export interface FigureMessage {
  readonly name: string;
  readonly title: string;
  readonly description: string;
}

/** One message of `/api/live?name=…`. */
export interface LiveMessage {
  /** Whether there is such a run, or still is. */
  readonly there: boolean;
  /** Whether a process is at work at it. */
  readonly running: boolean;
  /** Whether the events are all that there are, rather than what is new. */
  readonly whole: boolean;
  readonly events: readonly TimedEvent[];
}

/** What `/api/attention?name=…&stage=…` answers. */
export interface AttentionMessage {
  readonly about: AttentionFile;
  /** Shape by tensor of attention.safetensors. */
  readonly shapes: Readonly<Record<string, readonly number[]>>;
}
