import { median } from "../../../base/statistics.ts";
import { count, counted, rounded } from "../../../figures/figure.ts";
import type { Finding } from "../../stage.ts";
import type { HistoryFile } from "../files.ts";

/** Steps to either side whose median a step is compared with. */
const AROUND = 5;
/** Below so many steps nothing is said of spikes: there is no scale to measure them by. */
const FEWEST = 20;
/** A spike lies so many robust deviations above the median around it (of a normal one, 1 in 10^9). */
const DEVIATIONS = 6;
/** And is at least so many times that median. */
const FACTOR = { loss: 1.5, grad_norm: 3 } as const;
/** Median absolute deviation of a normal distribution, as a share of its deviation. */
const MAD = 0.6745;

const FIGURE = "training-steps";
const NAMES = { loss: "loss of a batch", grad_norm: "gradient norm" } as const;

/** What rate, loss and gradient norm of the steps show. */
export function stepFindings(history: HistoryFile): Finding[] {
  return [
    ...warmUp(history),
    ...spikes(history, "loss"),
    ...spikes(history, "grad_norm"),
    ...withoutGradient(history),
  ].map((finding) => ({ ...finding, figure: FIGURE }));
}

/** The rate rises first. */
function warmUp({ steps }: HistoryFile): Finding[] {
  const rates = steps.map((step) => step.learning_rate);
  const peak = rates.indexOf(rates.reduce((a, b) => Math.max(a, b), 0));
  if (peak < 1 || rates[0] >= rates[peak]) return [];
  const rising = rates.slice(0, peak + 1).every((rate, i) => i === 0 || rate >= rates[i - 1]);
  if (!rising) return [];
  const last = rates[rates.length - 1];
  const after = last < rates[peak]
    ? ` and falls to ${rounded(last, 3)} by the last of ${count(steps.length)}`
    : " and stays there";
  const norms = steps.slice(0, peak + 1).filter(hasGradient).map((step) => step.grad_norm);
  const gradient = norms.length < 2
    ? ""
    : `, and the gradient norm from ${norms[0].toFixed(2)} to ${norms.at(-1)!.toFixed(2)}`;
  return [{
    rule: "warm-up",
    text: `The learning rate rises from ${rounded(rates[0], 3)} to ${rounded(rates[peak], 3)} in ` +
      `the first ${counted(peak, "step")}${after}. While it rose, the loss of a batch went from ${
        steps[0].loss.toFixed(3)
      } to ${steps[peak].loss.toFixed(3)}${gradient}.`,
    value: peak,
    of: steps.length,
    source: `history.json#/steps/${peak}/learning_rate`,
  }];
}

/** Steps that stand far above those around them. */
function spikes(history: HistoryFile, field: keyof typeof FACTOR): Finding[] {
  const { steps, epochs, images } = history;
  if (steps.length < FEWEST) return [];
  const rows = field === "loss" ? steps : steps.filter(hasGradient);
  const values = rows.map((row) => row[field]);
  const found = spikesOf(values, FACTOR[field]);
  if (found.length === 0) return [];
  const perEpoch = steps.length / Math.max(1, epochs.length);
  // The last step of an epoch has what is left of the images.
  const left = images && images.train % images.step;
  const short = found.filter((row) => (rows[row].step + 1) % perEpoch === 0);
  const isShort = left !== undefined && left > 0 && short.length > found.length / 2;
  const most = found.reduce((a, b) =>
    values[b] / around(values, b) > values[a] / around(values, a) ? b : a
  );
  const { step } = rows[most];
  const where = found.length === 1
    ? `once, in step ${step + 1}`
    : `in ${count(found.length)} of ${count(steps.length)} steps, most in step ${step + 1}`;
  const explained = !isShort
    ? ""
    : ` ${
      short.length === found.length ? "All of these" : `${short.length} of these`
    } are last steps of an epoch, which have ${counted(left, "image")} in place of ${
      count(images!.step)
    }: their mean is noisier, which is no instability.`;
  const name = NAMES[field];
  return [{
    rule: isShort && short.length === found.length
      ? "short-batch"
      : `unstable-${field === "loss" ? "loss" : "gradient"}`,
    text: `The ${name} leaps up ${where}: ${rounded(values[most], 3)} where it is ${
      rounded(around(values, most), 3)
    } around it.${explained}`,
    value: values[most] / around(values, most),
    of: found.length,
    source: `history.json#/steps/${step}/${field}`,
  }];
}

/** Steps that changed nothing, in float16. */
function withoutGradient({ steps }: HistoryFile): Finding[] {
  const skipped = steps.filter((step) => !hasGradient(step));
  if (skipped.length === 0) return [];
  return [{
    rule: "skipped-steps",
    text:
      `In ${count(skipped.length)} of ${counted(steps.length, "step")}, last in step ${
        skipped.at(-1)!.step + 1
      }, the gradient norm is 0. With precision: float16 these are steps whose gradients were no numbers ` +
      "of float16: they changed nothing, and the loss is scaled by half as much from there on.",
    value: skipped.length,
    of: steps.length,
    source: `history.json#/steps/${skipped[0].step}/grad_norm`,
  }];
}

function hasGradient({ grad_norm }: HistoryFile["steps"][number]): boolean {
  return grad_norm > 0;
}

/**
 * Indices of values far above the median of those around them: by more than {@linkcode DEVIATIONS}
 * robust deviations of the logarithm, and by more than a factor.
 */
export function spikesOf(values: readonly number[], factor: number): number[] {
  if (values.some((value) => !(value > 0))) return [];
  const above = values.map((value, i) => Math.log(value / around(values, i)));
  const deviation = median(above.map(Math.abs)) / MAD;
  return [...values.keys()].filter((i) =>
    above[i] > DEVIATIONS * deviation && above[i] > Math.log(factor)
  );
}

/** Median of the values beside one, itself left out. */
function around(values: readonly number[], index: number): number {
  return median([
    ...values.slice(Math.max(0, index - AROUND), index),
    ...values.slice(index + 1, index + 1 + AROUND),
  ]);
}
