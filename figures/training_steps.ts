import { type Body, count, counted, type Figure, figure, largest, rounded } from "./figure.ts";
import { COLOURS } from "./theme.ts";

/** A step of the optimiser, counted from 0. */
export interface StepRow {
  readonly step: number;
  readonly learning_rate: number;
  readonly loss: number;
  /** Before clipping. */
  readonly grad_norm: number;
}

/** So many points at most in each line. */
const MOST_POINTS = 2000;
/** Ends of more epochs would hide the lines. */
const MOST_EPOCHS = 40;

/** What the steps belong to. */
export interface StepsOf {
  /** Epochs that the steps make up, each of equally many. */
  readonly epochs: number;
  /** Index of the epoch whose model is published, where it was chosen. */
  readonly kept?: number;
}

/**
 * Objective, learning rate and gradient norm by step. Of a run with more than 2,000 steps every
 * n-th is drawn, n the smallest that suffices, and the last. The epoch that is kept is marked as in
 * the learning curves; the ends of epochs are dotted, since the last batch of one may be smaller, and
 * its loss and gradient then stray more than the others'.
 */
export function trainingSteps(steps: readonly StepRow[], { epochs, kept }: StepsOf): Figure {
  const every = Math.ceil(steps.length / MOST_POINTS);
  const values = steps
    .filter((_, i) => i % every === 0 || i === steps.length - 1)
    .map((row) => ({
      step: row.step,
      learning_rate: rounded(row.learning_rate),
      loss: rounded(row.loss),
      grad_norm: rounded(row.grad_norm),
    }));
  const perEpoch = steps.length / epochs;
  const whole = Number.isInteger(perEpoch) && perEpoch > 1;
  const ends = whole && epochs > 1 && epochs <= MOST_EPOCHS
    ? Array.from({ length: epochs - 1 }, (_, i) => (i + 1) * perEpoch - 1)
    : [];
  const chosen = kept !== undefined && whole ? (kept + 1) * perEpoch - 1 : undefined;
  const marks: Marks = {
    ends: ends.filter((step) => step !== chosen),
    chosen,
    only: steps.length === 1,
  };
  const peak = largest(steps.map((row) => row.learning_rate));
  return figure({
    name: "training-steps",
    title: "Loss, learning rate and gradient norm by step",
    subtitle: [
      every === 1
        ? counted(steps.length, "step")
        : `${count(steps.length)} steps, of which every ${ordinal(every)} and the last are drawn`,
      ...(marks.ends.length > 0
        ? ["Dotted: ends of epochs, whose last batch may be smaller than the others"]
        : []),
      ...(chosen === undefined ? [] : [`Dashed: end of epoch ${kept! + 1}, whose model is kept`]),
    ],
    description:
      `Three line charts over ${counted(steps.length, "optimiser step")}: the loss of each ` +
      `batch, the learning rate (at most ${peak}), and the norm of the gradient before clipping.` +
      (chosen === undefined
        ? ""
        : ` Epoch ${kept! + 1}, whose model is kept, ends at step ${count(chosen)}.`),
  }, {
    data: { values },
    spacing: 12,
    vconcat: [
      panel("loss", "loss (nats)", COLOURS.blue, marks, false, 150),
      panel("learning_rate", "learning rate", COLOURS.green, marks, false, 110, {
        format: "~e",
        labelExpr: "datum.value === 0 ? '0' : datum.label",
      }),
      panel("grad_norm", "gradient norm", COLOURS.vermilion, marks, true, 150),
    ],
    resolve: { scale: { x: "shared" } },
  });
}

/** Steps at which something ends. */
interface Marks {
  readonly ends: readonly number[];
  readonly chosen: number | undefined;
  /** Whether there is one step and no more. */
  readonly only: boolean;
}

function panel(
  field: string,
  title: string,
  color: string,
  { ends, chosen, only }: Marks,
  bottom: boolean,
  height: number,
  format: Body = {},
): Body {
  const x = {
    field: "step",
    type: "quantitative",
    title: bottom ? "step" : null,
    axis: { labels: bottom, ticks: bottom, format: ",d", tickMinStep: 1, tickCount: 8 },
    scale: { nice: false, zero: false },
  };
  const rules = (steps: readonly number[], look: Body) =>
    steps.length === 0 ? [] : [{
      data: { values: steps.map((step) => ({ step })) },
      mark: { type: "rule", ...look },
      encoding: { x },
    }];
  const line = {
    // One step alone would be a line without length.
    mark: { type: "line", color, strokeWidth: 1.5, point: only ? { color, size: 55 } : false },
    encoding: {
      x,
      y: {
        field,
        type: "quantitative",
        title,
        axis: { tickCount: 4, ...format, minExtent: 64 },
        scale: { zero: true },
      },
    },
  };
  return {
    width: 640,
    height,
    layer: [
      ...rules(ends, { color: COLOURS.grey, strokeDash: [2, 3], strokeWidth: 1.5 }),
      ...rules(chosen === undefined ? [] : [chosen], {
        color: COLOURS.ink,
        strokeDash: [6, 4],
        strokeWidth: 1.5,
      }),
      line,
    ],
  };
}

function ordinal(n: number): string {
  const ending = n % 100 >= 11 && n % 100 <= 13 ? "th" : ["th", "st", "nd", "rd"][n % 10] ?? "th";
  return `${n}${ending}`;
}
