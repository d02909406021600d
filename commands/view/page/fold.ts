import type { PlannedInLog, TimedEvent } from "../../../pipeline/events.ts";
import type { Status } from "../../../pipeline/types.ts";

/** What was measured after an epoch, as far as it was told; shares, and losses in nats. */
export interface Epoch {
  readonly epoch: number;
  readonly train_loss: number;
  readonly train_accuracy: number;
  readonly validation_loss: number | null;
  readonly validation_accuracy: number | null;
}

/** A stage as the log tells it. */
export interface LoggedStage {
  readonly name: string;
  /** Unknown until it is begun, where the log does not tell the graph. */
  readonly kind: string | null;
  readonly status: Status | "not begun" | "waiting" | "at work";
  /** Why it runs, or why it does not. */
  readonly reason: string;
  readonly key: string | null;
  /** Null until it has ended. */
  readonly seconds: number | null;
  readonly error: string | null;
  /** The last report of how far it is; null once it has ended. */
  readonly progress: Extract<TimedEvent, { type: "progress" }> | null;
  /** Figures that were drawn. */
  readonly figures: readonly string[];
  readonly epochs: readonly Epoch[];
  /** When it was begun, ISO 8601. */
  readonly started: string | null;
}

/** A run as its events tell it so far. */
export interface LoggedRun {
  readonly name: string;
  readonly config: string;
  readonly started: string;
  readonly seed: number | null;
  readonly graph: readonly PlannedInLog[] | null;
  readonly stages: readonly LoggedStage[];
  readonly lines: readonly Line[];
  /** Null until it has come to its end. */
  readonly end: { readonly exit: number; readonly seconds: number } | null;
}

/** Something that a stage said. */
export interface Line {
  readonly time: string;
  readonly stage: string | null;
  readonly text: string;
  readonly warning: boolean;
}

/**
 * Takes in events. A page that is opened late gets all of them at once, one that was open has had them
 * one by one: both come to the same, as nothing else goes into what they show.
 *
 * @param run What the events before came to; undefined before the first.
 */
export function fold(
  run: LoggedRun | undefined,
  events: readonly TimedEvent[],
): LoggedRun | undefined {
  for (const event of events) run = take(run, event);
  return run;
}

function take(run: LoggedRun | undefined, event: TimedEvent): LoggedRun | undefined {
  if (event.type === "run-started") return begin(event);
  if (run === undefined) return undefined;
  switch (event.type) {
    case "stage-started":
      return change(run, event.stage, () => ({
        kind: event.kind,
        key: event.key,
        reason: event.reason,
        status: "at work",
        started: event.time,
      }));
    case "waiting":
      return say(change(run, event.stage, () => ({ status: "waiting" })), {
        time: event.time,
        stage: event.stage,
        text: `waits for ${event.for}${event.pid === null ? "" : `, process ${event.pid}`}` +
          (event.host === undefined ? "" : ` on ${event.host}`),
        warning: false,
      });
    case "progress":
      return change(run, event.stage, () => ({ progress: event, status: "at work" }));
    case "line": {
      const { time, stage, text } = event;
      const epoch = epochIn(text);
      const said = say(run, { time, stage, text, warning: false });
      if (epoch === undefined) return said;
      return change(said, stage, ({ epochs }) => ({
        epochs: [...epochs.filter((other) => other.epoch < epoch.epoch), epoch],
      }));
    }
    case "warning":
      return say(run, { time: event.time, stage: event.stage, text: event.text, warning: true });
    case "figures":
      return change(run, event.stage, () => ({ figures: event.names }));
    case "stage-finished":
      return change(run, event.stage, () => ({
        kind: event.kind,
        key: event.key,
        status: event.status,
        reason: event.reason,
        seconds: event.seconds,
        error: event.error ?? null,
        progress: null,
      }));
    case "run-finished":
      return { ...run, end: { exit: event.exit, seconds: event.seconds } };
  }
}

function begin(event: Extract<TimedEvent, { type: "run-started" }>): LoggedRun {
  const { name, config, time, seed = null, graph = null, stages } = event;
  return {
    ...{ name, config, started: time, seed, graph, lines: [], end: null },
    stages: stages.map((stage) => ({
      name: stage,
      kind: graph?.find(({ name }) => name === stage)?.kind ?? null,
      status: "not begun",
      ...{ reason: "", key: null, seconds: null, error: null, progress: null },
      ...{ figures: [], epochs: [], started: null },
    })),
  };
}

function change(
  run: LoggedRun,
  name: string,
  by: (stage: LoggedStage) => Partial<LoggedStage>,
): LoggedRun {
  return {
    ...run,
    stages: run.stages.map((stage) => stage.name === name ? { ...stage, ...by(stage) } : stage),
  };
}

function say(run: LoggedRun, line: Line): LoggedRun {
  return { ...run, lines: [...run.lines, line] };
}

const EPOCH =
  /^epoch (\d+)\/\d+: training loss ([\d.]+), accuracy ([\d.]+)%; validation (?:none|loss ([\d.]+), accuracy ([\d.]+)%)$/;

/** Reads what `train` says of an epoch (stages/train/epoch_line.ts), to the digits that it says. */
export function epochIn(text: string): Epoch | undefined {
  const found = EPOCH.exec(text);
  if (found === null) return undefined;
  const [, number, trainLoss, trainAccuracy, loss, accuracy] = found;
  return {
    epoch: Number(number) - 1,
    train_loss: Number(trainLoss),
    train_accuracy: Number(trainAccuracy) / 100,
    validation_loss: loss === undefined ? null : Number(loss),
    validation_accuracy: accuracy === undefined ? null : Number(accuracy) / 100,
  };
}
