import { count, counted, rounded } from "../../../figures/figure.ts";
import type { Finding } from "../../stage.ts";
import type { MetricsFile } from "../files.ts";
import { BEYOND_CHANCE, confusedPairsOf, FEWEST_CLASSES } from "../pairs.ts";

/** So many pairs are named. */
const MOST_NAMED = 5;
/** Pairs of classes that are taken for each other more often than chance explains. */
export function pairFindings({ per_class, confusion, images }: MetricsFile): Finding[] {
  const classes = per_class.length;
  const mistakes = images - per_class.reduce((sum, row) => sum + row.correct, 0);
  if (classes < FEWEST_CLASSES || mistakes === 0) return [];
  const tested = classes * (classes - 1) / 2;
  const found = confusedPairsOf(confusion).filter(({ p }) => p < BEYOND_CHANCE);
  if (found.length === 0) {
    return [{
      rule: "no-confused-pair",
      text: `None of the ${count(tested)} pairs of classes is confused more often than chance ` +
        `explains, given how many of the ${counted(mistakes, "mistake")} each class makes and ` +
        "attracts.",
      of: mistakes,
      figure: "confusion-matrix",
      source: "metrics.json#/confusion",
    }];
  }
  return found.slice(0, MOST_NAMED).map(
    ({ classes: [a, b], images: [there, back], expected, p }, i) => {
      const [first, second] = [per_class[a].class, per_class[b].class];
      const more = i === MOST_NAMED - 1 ? found.length - MOST_NAMED : 0;
      return {
        rule: "confused-pair",
        text: `${first} and ${second} are taken for each other ${
          there + back === 1 ? "once" : `${count(there + back)} times`
        } (${count(there)} images of ${first}, ${count(back)} of ${second}), where ${
          rounded(expected, 2)
        } would be expected if it were left to chance (${
          p < 0.001 ? "p < 0.001" : `p = ${p.toFixed(3)}`
        }, corrected for ${count(tested)} pairs).${
          more > 0 ? ` Beyond chance are ${count(more)} more pairs.` : ""
        }`,
        value: there + back,
        of: mistakes,
        figure: "confused-pairs",
        source: `metrics.json#/confusion/${a}/${b}`,
      };
    },
  );
}
