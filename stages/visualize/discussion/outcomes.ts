import { welch } from "../../../base/welch.ts";
import type { Finding } from "../../stage.ts";
import type { ImageMeasures } from "./measures.ts";
import type { Part } from "./input.ts";
import { counted, list, mean, percent } from "./words.ts";

/** Correct predictions beside wrong ones. */
export const outcomes: Part = {
  title: "Right and wrong predictions compared",
  find: ({ images }) => compare(images),
};

/** Two-sided 95% for three measures together (Bonferroni): 98.3% each. */
const Z = 2.39398;
/** With fewer of either sort nothing is compared. */
const FEWEST = 5;

const MEASURES = [
  {
    name: "spread",
    what: "the last block's attention of the class token is spread over",
    value: (x: number) => `${x.toFixed(1)} patches`,
    noun: "the spread of the class token's attention",
  },
  {
    name: "concentration",
    what: "the strongest tenth of the patches has, of the rollout,",
    value: percent,
    noun: "how concentrated the rollout is",
  },
  {
    name: "center",
    what: "the middle of the picture has, of the rollout,",
    value: percent,
    noun: "the middle's share of the rollout",
  },
] as const;

function compare(images: readonly ImageMeasures[]): Finding[] {
  const right = images.filter(({ correct }) => correct);
  const wrong = images.filter(({ correct }) => !correct);
  const counts = `${counted(right.length, "right prediction")} and ${wrong.length} wrong`;
  if (Math.min(right.length, wrong.length) < FEWEST) {
    return [{
      text: `Among ${
        counted(images.length, "image")
      } there are ${counts}: too few of one sort to compare.`,
      rule: "right-and-wrong",
      of: images.length,
      source: "discussion.json#/images",
    }];
  }
  const compared = MEASURES.map((measure) => {
    const [a, b] = [wrong, right].map((some) => some.map((one) => one[measure.name]));
    return { ...measure, a: mean(a), b: mean(b), ...welch(a, b, Z) };
  });
  const differ = compared.filter(({ interval: [low, high] }) => low > 0 || high < 0);
  const same = compared.filter((one) => !differ.includes(one));
  return [
    ...differ.map(({ what, value, a, b, difference, interval }): Finding => ({
      text: `Where the model is wrong, ${what} ${value(a)}, where it is right ${
        value(b)
      } (${counts}).`,
      rule: "right-and-wrong",
      value: difference,
      interval,
      of: images.length,
      source: "discussion.json#/images",
    })),
    ...(same.length === 0 ? [] : [{
      text: `Between ${counts}, chance explains the differences in ${
        list(same.map(({ noun, a, b, value }) => `${noun} (${value(b)} right, ${value(a)} wrong)`))
      }.`,
      rule: "right-and-wrong",
      of: images.length,
      source: "discussion.json#/images",
    }]),
  ];
}
