import { random } from "../../../base/random.ts";
import { wilson, Z95 } from "../../../base/statistics.ts";
import { counted, percent } from "../../../figures/figure.ts";
import type { Finding } from "../../stage.ts";
import type { MetricsFile } from "../files.ts";
import { binOf, BINS } from "../metrics.ts";

/** How sure the model was of an answer, and whether it was right. */
export interface Answer {
  readonly confidence: number;
  readonly right: boolean;
}

/** So many tests are made up by a model whose probabilities are right. */
const DRAWS = 1000;
/** Answers drawn in all at most: of very many images fewer tests do. */
const MOST_ANSWERS = 20_000_000;

/**
 * Whether the probabilities can be taken at their word. What chance explains is found by consistency
 * resampling (Bröcker and Smith 2007): of the same probabilities, answers are drawn that are right as
 * often as they say, and their calibration error is measured, a thousand times.
 */
export function calibrationFindings(
  { calibration, images }: MetricsFile,
  answers: readonly Answer[],
): Finding[] {
  const error = calibration.expected_calibration_error;
  const confidences = answers.map(({ confidence }) => confidence);
  const chance = errorsByChance(confidences);
  const most = chance[Math.ceil(0.95 * chance.length) - 1];
  const common = {
    value: error,
    of: images,
    figure: "calibration",
    source: "metrics.json#/calibration/expected_calibration_error",
  };
  if (error <= most) {
    return [{
      ...common,
      rule: "calibrated",
      text: `The probabilities are as good as ${counted(images, "image")} can show: the expected ` +
        `calibration error is ${percent(error)}, and with right probabilities it would be up to ${
          percent(most)
        } by chance.`,
    }];
  }
  const mean = confidences.reduce((a, b) => a + b, 0) / images;
  const correct = answers.filter(({ right }) => right).length;
  const [low, high] = wilson(correct, images);
  const off = mean - correct / images;
  const noise = Z95 * Math.sqrt(confidences.reduce((sum, c) => sum + c * (1 - c), 0)) / images;
  const tendency = Math.abs(off) <= noise
    ? `On average it is as sure as it is right, within noise (${percent(mean)} sure, ${
      percent(correct / images)
    } right): too sure at some probabilities, and not sure enough at others.`
    : `It is ${off > 0 ? "over" : "under"}confident: on average ${percent(mean)} sure, and right ` +
      `in ${percent(correct / images)} (interval of the difference ${
        (100 * (mean - high)).toFixed(1)
      } to ${(100 * (mean - low)).toFixed(1)} points).`;
  return [{
    ...common,
    rule: Math.abs(off) <= noise ? "miscalibrated" : off > 0 ? "overconfident" : "underconfident",
    text: `The probabilities cannot be taken at their word: the expected calibration error is ${
      percent(error)
    }, where right probabilities would give at most ${percent(most)} on ${
      counted(images, "image")
    }. ${tendency}`,
  }];
}

/** Calibration errors of made-up tests in which the probabilities are right, ascending. */
export function errorsByChance(confidences: readonly number[]): number[] {
  const draws = Math.max(100, Math.min(DRAWS, Math.floor(MOST_ANSWERS / confidences.length)));
  const generator = random(0, "calibration by chance");
  const bins = confidences.map(binOf);
  return Array.from({ length: draws }, () => {
    const difference = new Float64Array(BINS);
    confidences.forEach((confidence, i) => {
      difference[bins[i]] += Number(generator.uniform() < confidence) - confidence;
    });
    return difference.reduce((sum, d) => sum + Math.abs(d), 0) / confidences.length;
  }).sort((a, b) => a - b);
}
