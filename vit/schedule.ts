/** How the learning rate changes from step to step. */
export interface Schedule {
  /** What it does after the warm-up: falls to 0 on a line, or on half a cosine, or stays. */
  readonly name: "linear" | "cosine" | "constant";
  /** Share of all steps in which the rate rises from 0 on a line. */
  readonly warmupRatio: number;
}

/**
 * Learning rate of a step, as Hugging Face's `get_linear_schedule_with_warmup` and its relatives
 * have it. With a warm-up the first step's rate is 0.
 *
 * @param step Counts from 0.
 * @param totalSteps Of the whole training.
 * @param peak Rate at the end of the warm-up.
 */
export function learningRateAt(
  step: number,
  totalSteps: number,
  peak: number,
  schedule: Schedule,
): number {
  const warmup = warmupSteps(totalSteps, schedule.warmupRatio);
  if (step < warmup) return peak * (step / warmup);
  const remaining = Math.max(1, totalSteps - warmup);
  switch (schedule.name) {
    case "constant":
      return peak;
    case "linear":
      return peak * Math.max(0, (totalSteps - step) / remaining);
    case "cosine":
      return peak * Math.max(0, 0.5 * (1 + Math.cos(Math.PI * (step - warmup) / remaining)));
  }
}

/** Steps in which the rate rises. */
export function warmupSteps(totalSteps: number, ratio: number): number {
  return Math.ceil(totalSteps * ratio);
}
