import { type Body, type Figure, figure, largest, percent, rounded } from "./figure.ts";
import { COLOURS } from "./theme.ts";

/** What is measured after an epoch, counted from 0; null where there are no validation images. */
export interface EpochRow {
  readonly epoch: number;
  readonly train_loss: number;
  readonly train_accuracy: number;
  readonly validation_loss: number | null;
  readonly validation_accuracy: number | null;
}

/** Above so many epochs the line alone is clearer. */
const MOST_POINTS = 40;

const SPLITS = ["train", "validation"] as const;
const MEASURES = ["loss", "accuracy"] as const;
type Measure = typeof MEASURES[number];

/**
 * Loss and accuracy of training and validation images after each epoch (counted from 1 here). Where
 * an axis does not start at 0 the subtitle says so.
 *
 * @param kept Index of the epoch whose model is published, where it was chosen; it is marked.
 */
export function learningCurves(epochs: readonly EpochRow[], kept?: number): Figure {
  const last = epochs[epochs.length - 1];
  const validated = last.validation_accuracy !== null;
  const result = resultOf(last);
  const chosen = kept === undefined ? [] : [
    `Dashed: epoch ${kept + 1}, whose model is kept (${resultOf(epochs[kept])})`,
  ];
  const cut = MEASURES.filter((measure) =>
    cutsZero(rowsOf(epochs, measure).map(({ value }) => value))
  );
  return figure({
    name: "learning-curves",
    title: "Loss and accuracy by epoch",
    subtitle: [
      `Measured after each epoch on all images of the split; at the end ${result}`,
      ...chosen,
      ...cut.length === 2
        ? ["Neither axis starts at 0"]
        : cut.map((measure) => `The axis of ${measure} does not start at 0`),
    ],
    description: `Two line charts over ${epochs.length} epochs: mean cross-entropy and accuracy ` +
      `on the training images${validated ? " and the validation images" : ""}. ` +
      [`Accuracy after the last epoch: ${result}.`, ...chosen.map((text) => `${text}.`)].join(" "),
  }, {
    spacing: 36,
    hconcat: [
      panel(epochs, "loss", "cross-entropy (nats)", ".2~f", kept),
      panel(epochs, "accuracy", "accuracy", ".0%", kept),
    ],
  });
}

/** `train 90.1%, validation 70.2%`. */
function resultOf({ train_accuracy: train, validation_accuracy: validation }: EpochRow): string {
  return `train ${percent(train)}` +
    (validation === null ? "" : `, validation ${percent(validation)}`);
}

function rowsOf(epochs: readonly EpochRow[], measure: Measure) {
  return epochs.flatMap((row) =>
    SPLITS.flatMap((split) => {
      const value = row[`${split}_${measure}`];
      return value === null ? [] : [{ epoch: row.epoch + 1, split, value: rounded(value) }];
    })
  );
}

/**
 * Whether an axis leaves 0 out: it starts there where that costs at most a fifth of its height, and
 * for a single value, which has no range of its own. Beyond that Vega's rounding of the domain does
 * not reach 0: it goes down by a fifth of the range at most.
 */
export function cutsZero(values: readonly number[]): boolean {
  const least = -largest(values.map((value) => -value));
  const range = largest(values) - least;
  return range !== 0 && least > range / 4;
}

/** Epochs from 1 to the last one, from left to right. */
export function epochAxis(last: number): Body {
  return {
    field: "epoch",
    type: "quantitative",
    title: "epoch",
    axis: {
      format: "d",
      grid: false,
      ...(last === 1 ? { values: [1] } : { tickMinStep: 1, tickCount: Math.min(10, last) }),
    },
    scale: { domain: last === 1 ? [0, 2] : [1, last], nice: false },
  };
}

function panel(
  epochs: readonly EpochRow[],
  measure: Measure,
  title: string,
  format: string,
  kept: number | undefined,
): Body {
  const values = rowsOf(epochs, measure);
  const points = epochs.length <= MOST_POINTS;
  const shown = SPLITS.filter((split) => values.some((row) => row.split === split));
  const lines = {
    data: { values },
    mark: { type: "line", point: points ? { size: 55 } : false },
    encoding: {
      x: epochAxis(epochs.length),
      y: {
        field: "value",
        type: "quantitative",
        title,
        axis: { format, tickCount: 6 },
        scale: { zero: !cutsZero(values.map(({ value }) => value)), nice: true },
      },
      color: {
        field: "split",
        type: "nominal",
        title: null,
        scale: { domain: shown, range: [COLOURS.blue, COLOURS.vermilion].slice(0, shown.length) },
        legend: { orient: "top" },
      },
      ...(points && {
        shape: { field: "split", type: "nominal", title: null, scale: { domain: shown } },
      }),
    },
  };
  const size = { width: 310, height: 260 };
  return kept === undefined ? { ...size, ...lines } : {
    ...size,
    layer: [{
      data: { values: [{ epoch: kept + 1 }] },
      mark: { type: "rule", color: COLOURS.ink, strokeDash: [6, 4], strokeWidth: 1.5 },
      encoding: { x: epochAxis(epochs.length) },
    }, lines],
  };
}
