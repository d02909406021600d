import { type Body, counted, type Figure, figure, percent, rounded } from "./figure.ts";
import { cutsZero, epochAxis } from "./learning_curves.ts";
import { COLOURS, THEME } from "./theme.ts";

/** One run among several. */
export interface RunCurve {
  readonly name: string;
  /** What its colour stands for; by default its name. Runs that share it differ in the seed alone. */
  readonly series?: string;
  /** After each epoch, counted from 0; null where there are no validation images. */
  readonly epochs: readonly {
    readonly epoch: number;
    readonly validation_loss: number | null;
    readonly validation_accuracy: number | null;
  }[];
}

/** More colours than these can't be told apart; what comes after is grey. */
const MOST_COLOURS = THEME.range.category.length - 1;
/** Above so many points in all the lines alone are clearer. */
const MOST_POINTS = 120;

const MEASURES = [
  { name: "loss", title: "validation cross-entropy (nats)", format: ".2~f" },
  { name: "accuracy", title: "validation accuracy", format: ".0%" },
] as const;

/**
 * Validation loss and accuracy by epoch (counted from 1 here), a line a run.
 *
 * @param runs In the order of the legend: of more than six series the first six have colours.
 * @param about What stands above; `subtitle` is followed by what was left out.
 * @returns undefined where no run was measured on validation images.
 */
export function runCurves(
  runs: readonly RunCurve[],
  about: { readonly title: string; readonly subtitle?: string },
): Figure | undefined {
  const rows = runs.flatMap(({ name, series = name, epochs }) =>
    epochs.flatMap(({ epoch, validation_loss: loss, validation_accuracy: accuracy }) =>
      loss === null || accuracy === null ? [] : [{
        run: name,
        series,
        epoch: epoch + 1,
        loss: rounded(loss),
        accuracy: rounded(accuracy),
      }]
    )
  );
  if (rows.length === 0) return undefined;
  const drawn = new Set(rows.map(({ run }) => run));
  const series = [...new Set(rows.map((row) => row.series))];
  const coloured = series.slice(0, MOST_COLOURS);
  const others = series.length - coloured.length;
  const missing = runs.length - drawn.size;
  const cut = MEASURES.filter(({ name }) => cutsZero(rows.map((row) => row[name])));
  const subtitle = [
    ...(about.subtitle === undefined ? [] : [about.subtitle]),
    ...(others > 0 ? [`Grey: ${counted(others, "more line", "more")}`] : []),
    ...(missing > 0 ? [`${counted(missing, "run")} without validation results left out`] : []),
    ...(cut.length === 2
      ? ["Neither axis starts at 0"]
      : cut.map(({ name }) => `The axis of ${name} does not start at 0`)),
  ];
  const best = rows.toSorted((a, b) => b.accuracy - a.accuracy)[0];
  return figure({
    name: "curves",
    title: about.title,
    ...(subtitle.length > 0 && { subtitle }),
    description: `Two line charts by epoch: cross-entropy and accuracy on the validation images, ` +
      `of ${counted(drawn.size, "run")}. Highest accuracy: ${percent(best.accuracy)}, ` +
      `${best.run}, epoch ${best.epoch}.`,
  }, {
    spacing: 36,
    data: { values: rows },
    hconcat: MEASURES.map((measure) => panel(measure, rows, coloured, others > 0)),
    resolve: { scale: { color: "shared" }, legend: { color: "shared" } },
  });
}

function panel(
  { name, title, format }: typeof MEASURES[number],
  rows: readonly { epoch: number; loss: number; accuracy: number }[],
  coloured: readonly string[],
  others: boolean,
): Body {
  const last = rows.reduce((most, { epoch }) => Math.max(most, epoch), 1);
  const encoding = {
    x: epochAxis(last),
    y: {
      field: name,
      type: "quantitative",
      title,
      axis: { format, tickCount: 6 },
      scale: { zero: !cutsZero(rows.map((row) => row[name])), nice: true },
    },
    detail: { field: "run", type: "nominal" },
  };
  const mark = { type: "line", point: rows.length <= MOST_POINTS ? { size: 45 } : false };
  const among = { field: "series", oneOf: coloured };
  return {
    width: 320,
    height: 280,
    layer: [
      ...(others
        ? [{
          transform: [{ filter: { not: among } }],
          mark: { type: "line", strokeWidth: 1.2, color: COLOURS.grey, opacity: 0.55 },
          encoding,
        }]
        : []),
      {
        transform: [{ filter: among }],
        mark,
        encoding: {
          ...encoding,
          color: {
            field: "series",
            type: "nominal",
            title: null,
            scale: { domain: coloured, range: THEME.range.category.slice(0, coloured.length) },
            legend: { orient: "bottom", columns: columnsFor(coloured), labelLimit: 640 },
          },
        },
      },
    ],
  };
}

/** Columns of the legend: as many as names of this length have room for. */
function columnsFor(names: readonly string[]): number {
  const longest = Math.max(...names.map((name) => name.length));
  return Math.max(1, Math.min(3, names.length, Math.floor(90 / (longest + 6))));
}
