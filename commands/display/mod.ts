import { type EventSink, type RunEvent, withTime } from "../../pipeline/events.ts";
import { Paint } from "./format.ts";
import { failureText, LineDisplay } from "./lines.ts";
import { type Output, streamOutput } from "./output.ts";
import { formatSummary } from "./summary.ts";

/** Shows a run to whoever started it. */
export interface Display {
  /** Takes the run's events. */
  readonly sink: EventSink;
  /**
   * Shows how the last run ended, once its report (where there is one) is written.
   * @param report Path of the report.
   */
  summarize(report?: string): void;
}

/** What was asked for, and where to write. */
export interface DisplayOptions {
  /** Every event as JSON, one a line, on standard output, and nothing else there. */
  readonly json?: boolean;
  /** Only failures. */
  readonly quiet?: boolean;
  /** The run does nothing, and its summary says so. */
  readonly dryRun?: boolean;
  /** By default standard output and standard error. */
  readonly out?: Output;
  readonly errors?: Output;
  /** By default on a terminal, but for NO_COLOR. */
  readonly color?: boolean;
  /** Milliseconds of a clock that only goes forward. */
  readonly now?: () => number;
}

/** Picks the display: JSON, quiet, or lines (the last one alive on a terminal). */
export function createDisplay(options: DisplayOptions = {}): Display {
  const out = options.out ?? streamOutput(Deno.stdout);
  const errors = options.errors ?? streamOutput(Deno.stderr);
  if (options.json) {
    return {
      sink: (event) => out.write(JSON.stringify(withTime(event)) + "\n"),
      summarize() {},
    };
  }
  const paint = new Paint(options.color ?? (out.columns() !== undefined && !Deno.noColor));
  if (options.quiet) {
    return {
      sink(event) {
        if (event.type === "stage-finished" && event.status === "failed") {
          errors.write(failureText(event, paint));
        }
      },
      summarize() {},
    };
  }
  const lines = new LineDisplay(out, errors, paint, options.now ?? (() => performance.now()));
  return lineDisplay(lines, out, paint, options.dryRun);
}

function lineDisplay(lines: LineDisplay, out: Output, paint: Paint, dryRun?: boolean): Display {
  let finished: Extract<RunEvent, { type: "stage-finished" }>[] = [];
  let end: Extract<RunEvent, { type: "run-finished" }> | undefined;
  return {
    sink(event) {
      if (event.type === "run-started") finished = [];
      if (event.type === "stage-finished") finished.push(event);
      if (event.type === "run-finished") end = event;
      lines.sink(event);
    },
    summarize(report) {
      if (end === undefined) return;
      const columns = out.columns() ?? 200;
      lines.print(formatSummary(finished, end, paint, columns, { report, dryRun }));
      end = undefined;
    },
  };
}
