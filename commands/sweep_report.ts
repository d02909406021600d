import { ClusterFolder } from "../executors/folder.ts";
import { counted, type Figure, percent } from "../figures/figure.ts";
import { runCurves } from "../figures/run_curves.ts";
import {
  NOT_SET,
  sweepParallel,
  type SweepRow,
  type SweptParameter,
} from "../figures/sweep_parallel.ts";
import { sweepParameters } from "../figures/sweep_parameters.ts";
import { type WorkersTime, workersTime, workersTimeline } from "../figures/workers.ts";
import type { Block } from "./report/document.ts";
import { type Page, updatePage } from "./report/page.ts";
import { formatLoss, formatShare } from "./results.ts";
import { formatLosses, formatShares, groupPoints } from "./sweep_groups.ts";
import { type GoodPoint, isGood, type PointResult, rankPoints } from "./sweep_points.ts";
import { workersIn } from "./workers_time.ts";

/** What the page says beside the points. */
export interface SweepPageOptions {
  /** The sweep's name. */
  readonly name: string;
  /** Text of the config as it was written. */
  readonly configText: string;
  /** The command that makes the same sweep. */
  readonly command: string;
}

/**
 * Writes `report.html`, `report.md` and `figures/` of a sweep: its points in a table, and drawn
 * together. Nothing on it was measured on test images.
 *
 * @param folder `outputs/SWEEP`.
 * @param points In the order in which they ran.
 * @returns path of the page; undefined where no point has a result to show.
 */
export async function updateSweepPage(
  folder: string,
  points: readonly PointResult[],
  options: SweepPageOptions,
): Promise<string | undefined> {
  const ranked = rankPoints(points);
  if (!ranked.some(isGood)) return undefined;
  return await updatePage(folder, sweepPage(ranked, options, workersIn(new ClusterFolder(folder))));
}

/** @param ranked From best to worst; the first has a result. */
export function sweepPage(
  ranked: readonly PointResult[],
  options: SweepPageOptions,
  workers?: WorkersTime,
): Page {
  const { name, configText, command } = options;
  const good = ranked.filter(isGood);
  const parameters = sweptParameters(ranked);
  const failed = ranked.filter(({ status }) => status === "failed");
  return {
    title: name,
    headline: {
      value: percent(good[0].validation.accuracy),
      label: `validation accuracy of the best point, ${good[0].name}`,
    },
    summary: [
      {
        type: "text",
        text:
          `A sweep of ${counted(ranked.length, "point")} over ${
            parameters.map(({ path }) => path).join(", ")
          }. Points are ranked by the validation accuracy of the model that each published, equal ` +
          "ones by validation loss; test images have no say.",
      },
      ...(failed.length === 0 ? [] : [
        {
          type: "problem",
          text: `${counted(failed.length, "point")} failed: ${
            failed.map(({ name }) => name).join(", ")
          }.`,
        } as const,
      ]),
    ],
    before: [{
      id: "points",
      title: "Points",
      blocks: [...groupTable(ranked), pointTable(ranked, parameters)],
    }],
    figures: [
      ...sweepFigures(good),
      ...(workers === undefined ? [] : [workersTimeline(workers), workersTime(workers)]),
    ],
    after: [{
      id: "how",
      title: "How it was made",
      blocks: [
        { type: "text", text: "The same sweep again:" },
        { type: "code", language: "sh", text: command },
        { type: "heading", text: "The config as written" },
        { type: "code", language: "yaml", text: configText.trimEnd() },
      ],
    }],
  };
}

function groupTable(points: readonly PointResult[]): Block[] {
  const groups = groupPoints(points);
  if (groups.length === 0) return [];
  return [{
    type: "table",
    table: {
      caption:
        "Points that differ in the seed alone: mean ± deviation (of a sample) over the seeds",
      head: ["Points", "Seeds", "Validation accuracy", "Validation loss"],
      numeric: [1, 2, 3],
      rows: groups.map((group) => [
        group.name,
        `${group.seeds.length} of ${group.points.length}`,
        formatShares(group.validation_accuracy),
        formatLosses(group.validation_loss),
      ]),
    },
  }];
}

function pointTable(
  ranked: readonly PointResult[],
  parameters: readonly SweptParameter[],
): Block {
  return {
    type: "table",
    table: {
      caption: "Every point, the best first; each leads to its own report",
      head: [
        ...["Point", ...parameters.map(({ path }) => path)],
        ...["Status", "Epochs", "Validation accuracy", "Validation loss"],
      ],
      numeric: [2, 3, 4].map((column) => column + parameters.length),
      links: ranked.map(({ name, status }) =>
        status === "not reached" ? undefined : `${name}/report.html`
      ),
      rows: ranked.map((point) => [
        point.name,
        ...parameters.map(({ path }) => point.values?.[path] ?? NOT_SET),
        point.status,
        point.epochs === undefined ? "–" : String(point.epochs.length),
        formatShare(point.validation?.accuracy),
        formatLoss(point.validation?.loss),
      ]),
    },
  };
}

/** Figures of the points that have a result; those of parameters only where any of them varies. */
function sweepFigures(good: readonly GoodPoint[]): Figure[] {
  const parameters = sweptParameters(good);
  // Where something else varies the seed is what means are taken over, and no axis.
  const others = parameters.filter(({ path }) => path !== "seed");
  const drawn = others.length > 0 ? others : parameters;
  const rows = good.map(({ name, values = {}, validation }): SweepRow => ({
    ...{ name, values },
    accuracy: validation.accuracy,
  }));
  const series = new Map(
    groupPoints(good).flatMap(({ name, points }) => points.map((point) => [point, name])),
  );
  const curves = runCurves(
    good.map(({ name, epochs = [] }) => ({ name, series: series.get(name), epochs })),
    {
      title: "Validation loss and accuracy by epoch",
      subtitle: series.size > 0
        ? `${counted(good.length, "run")}; those of one colour differ in the seed alone`
        : `${counted(good.length, "point")}, the best ones first`,
    },
  );
  return [
    ...(drawn.length > 0 && rows.length > 1
      ? [sweepParallel(drawn, rows), sweepParameters(drawn, rows)]
      : []),
    ...(curves === undefined ? [] : [curves]),
  ];
}

/**
 * What varies, each with its values in order. A parameter that some points have with one value and
 * others not at all follows from another (the momentum from the optimizer), and is left out.
 */
function sweptParameters(points: readonly PointResult[]): SweptParameter[] {
  const paths = [...new Set(points.flatMap(({ values = {} }) => Object.keys(values)))];
  return paths.map((path) => {
    const found = [...new Set(points.map(({ values = {} }) => values[path] ?? NOT_SET))];
    return { path, values: found.sort(inOrder) };
  }).filter(({ values }) => values.filter((value) => value !== NOT_SET).length > 1);
}

/** What is not there first, then numbers, then words. */
function inOrder(a: string, b: string): number {
  const rank = (text: string) => text === NOT_SET ? 0 : Number.isNaN(Number(text)) ? 2 : 1;
  if (rank(a) !== rank(b)) return rank(a) - rank(b);
  return rank(a) === 1 ? Number(a) - Number(b) : a < b ? -1 : 1;
}
