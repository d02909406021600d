import { relative } from "node:path";
import type { RunEvent } from "../../pipeline/events.ts";
import { formatDuration } from "../../base/duration.ts";
import { cut, type Paint } from "./format.ts";

type Finished = Extract<RunEvent, { type: "stage-finished" }>;
type End = Extract<RunEvent, { type: "run-finished" }>;

/**
 * What is left on the screen when a run is over: a line for each stage (status, time, why), then how
 * it ended and where the results are.
 *
 * @param columns Longer lines are cut.
 * @param options.report Path of the report, where one was written.
 * @param options.dryRun Nothing was to be done.
 */
export function formatSummary(
  stages: readonly Finished[],
  end: End,
  paint: Paint,
  columns: number,
  options: { readonly report?: string; readonly dryRun?: boolean },
): string {
  const names = width(stages.map(({ stage }) => stage));
  const statuses = width(stages.map(({ status }) => status));
  const times = stages.map(({ seconds }) => seconds < 0.05 ? "" : formatDuration(seconds));
  const longest = width(times);
  const rows = stages.map((stage, i) => {
    const room = columns - names - statuses - longest - 8;
    const status = paint.status(stage.status, stage.status.padEnd(statuses));
    const why = stage.status === "fresh" ? "" : paint.dim(cut(stage.reason, room));
    return `  ${stage.stage.padEnd(names)}  ${status}  ${times[i].padStart(longest)}  ${why}`
      .trimEnd();
  });
  return ["", ...rows, "", closing(stages, end, options), ""].join("\n");
}

function closing(
  stages: readonly Finished[],
  end: End,
  { report, dryRun }: { readonly report?: string; readonly dryRun?: boolean },
): string {
  const time = formatDuration(end.seconds);
  const planned = stages.some(({ status }) => status === "would run" || status === "may run");
  if (planned) return "A dry run: nothing was done.";
  if (end.exit === 130) return `Interrupted after ${time}. The same command goes on from here.`;
  const failed = stages.filter(({ status }) => status === "failed").map(({ stage }) => stage);
  if (failed.length > 0) return `Failed after ${time}: ${failed.join(", ")}.`;
  if (dryRun) return "A dry run: all is in place, nothing would run.";
  const place = `${shown(end.folder)}/`;
  const opened = report === undefined ? "" : `; open ${shown(report)}`;
  return `Done in ${time}. Results are in ${place}${opened}`;
}

/** A path as one would type it here. */
function shown(path: string): string {
  const here = relative(Deno.cwd(), path);
  return here.startsWith("..") ? path : here || ".";
}

function width(texts: readonly string[]): number {
  return Math.max(0, ...texts.map((text) => text.length));
}
