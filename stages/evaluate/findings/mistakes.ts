import { poissonAtLeast, wilson } from "../../../base/statistics.ts";
import { counted, percent, rounded } from "../../../figures/figure.ts";
import type { Finding } from "../../stage.ts";
import type { MetricsFile } from "../files.ts";
import type { Answer } from "./calibration.ts";

/** An answer of so high a probability is a confident one. */
const CONFIDENT = 0.9;
/** So many confident answers without a mistake are worth a sentence. */
const WORTH = 20;
/** Error of calling mistakes more than the probabilities allow for. */
const BEYOND_CHANCE = 0.05;

/** How often the model is wrong where it is sure. */
export function mistakeFindings(
  { mistakes, per_class }: MetricsFile,
  answers: readonly Answer[],
): Finding[] {
  const sure = answers.filter(({ confidence }) => confidence >= CONFIDENT);
  const wrong = sure.filter(({ right }) => !right).length;
  if (sure.length === 0 || (wrong === 0 && sure.length < WORTH)) return [];
  const interval = wilson(wrong, sure.length);
  const common = {
    value: wrong / sure.length,
    interval,
    of: sure.length,
    source: "metrics.json#/mistakes",
  };
  const answersOf = `${counted(sure.length, "answer")} with a probability of ${
    percent(CONFIDENT, 0)
  } or more`;
  if (wrong === 0) {
    return [{
      ...common,
      rule: "no-confident-mistake",
      text: `None of the ${answersOf} is wrong (95% interval up to ${percent(interval[1])}).`,
    }];
  }
  const expected = sure.reduce((sum, { confidence }) => sum + 1 - confidence, 0);
  const more = poissonAtLeast(wrong, Math.max(expected, 1e-9)) < BEYOND_CHANCE;
  const most = mistakes[0];
  const first = most === undefined
    ? ""
    : ` The most confident mistake: ${per_class[most.label].class} taken for ${
      per_class[most.predicted].class
    }, ${percent(most.confidence)} sure (test image ${most.index}, counted from 0).`;
  return [{
    ...common,
    rule: "confident-mistakes",
    text: `Of the ${answersOf}, ${wrong} ${wrong === 1 ? "is" : "are"} wrong (${
      percent(wrong / sure.length)
    }, 95% interval ${percent(interval[0])} to ${percent(interval[1])}), ${
      more ? "more than" : "no more than"
    } chance makes of the ${rounded(expected, 2)} that the probabilities allow for.${first}`,
    figure: "confident-mistakes",
  }];
}
