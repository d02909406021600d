import { type Body, count, type Figure, figure, largest, rounded } from "./figure.ts";
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

/**
 * Objective, learning rate and gradient norm by step. Of a run with more than 2,000 steps every
 * n-th is drawn, n the smallest that suffices, and the last.
 */
export function trainingSteps(steps: readonly StepRow[]): Figure {
  const every = Math.ceil(steps.length / MOST_POINTS);
  const values = steps
    .filter((_, i) => i % every === 0 || i === steps.length - 1)
    .map((row) => ({
      step: row.step,
      learning_rate: rounded(row.learning_rate),
      loss: rounded(row.loss),
      grad_norm: rounded(row.grad_norm),
    }));
  const peak = largest(steps.map((row) => row.learning_rate));
  return figure({
    name: "training-steps",
    title: "Loss, learning rate and gradient norm by step",
    subtitle: every === 1
      ? `${count(steps.length)} steps`
      : `${count(steps.length)} steps, of which every ${ordinal(every)} and the last are drawn`,
    description:
      `Three line charts over ${count(steps.length)} optimiser steps: the loss of each ` +
      `batch, the learning rate (at most ${peak}), and the norm of the gradient before clipping.`,
  }, {
    data: { values },
    spacing: 12,
    vconcat: [
      panel("loss", "loss (nats)", COLOURS.blue, false, 150),
      panel("learning_rate", "learning rate", COLOURS.green, false, 110, {
        format: "~e",
        labelExpr: "datum.value === 0 ? '0' : datum.label",
      }),
      panel("grad_norm", "gradient norm", COLOURS.vermilion, true, 150),
    ],
    resolve: { scale: { x: "shared" } },
  });
}

function panel(
  field: string,
  title: string,
  color: string,
  bottom: boolean,
  height: number,
  format: Body = {},
): Body {
  return {
    width: 640,
    height,
    mark: { type: "line", color, strokeWidth: 1.5 },
    encoding: {
      x: {
        field: "step",
        type: "quantitative",
        title: bottom ? "step" : null,
        axis: { labels: bottom, ticks: bottom, format: ",d", tickMinStep: 1, tickCount: 8 },
        scale: { nice: false, zero: false },
      },
      y: {
        field,
        type: "quantitative",
        title,
        axis: { tickCount: 4, ...format, minExtent: 64 },
        scale: { zero: true },
      },
    },
  };
}

function ordinal(n: number): string {
  const ending = n % 100 >= 11 && n % 100 <= 13 ? "th" : ["th", "st", "nd", "rd"][n % 10] ?? "th";
  return `${n}${ending}`;
}
