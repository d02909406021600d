import { holm, hypergeometricTails, wilson } from "../../../base/statistics.ts";
import { count, counted, percent } from "../../../figures/figure.ts";
import type { Finding } from "../../stage.ts";
import type { MetricsFile } from "../files.ts";

/** Error of all classes together. */
const BEYOND_CHANCE = 0.05;
/** So many of the worst and of the best are named. */
const MOST_NAMED = 3;

/**
 * Classes that are recognised less often, or more often, than the other classes together, beyond
 * chance: Fisher's exact test of each class against the rest, both ways, with Holm's correction.
 */
export function classFindings({ per_class, images }: MetricsFile): Finding[] {
  const correct = per_class.reduce((sum, row) => sum + row.correct, 0);
  const rows = per_class.map((row, index) => ({ ...row, index })).filter((row) => row.images > 0);
  if (rows.length < 2) return [];
  const tails = rows.map((row) => hypergeometricTails(row.correct, row.images, correct, images));
  const worse = holm(tails.flatMap(({ atMost, atLeast }) => [atMost, atLeast]));
  const found = rows.map((row, i) => (
    { ...row, share: row.correct / row.images, worse: worse[2 * i], better: worse[2 * i + 1] }
  ));
  const low = found.filter(({ worse }) => worse < BEYOND_CHANCE).sort((a, b) => a.share - b.share);
  const high = found.filter(({ better }) => better < BEYOND_CHANCE)
    .sort((a, b) => b.share - a.share);
  if (low.length + high.length === 0) {
    const [least, most] = [
      found.reduce((a, b) => b.share < a.share ? b : a),
      found.reduce((a, b) => b.share > a.share ? b : a),
    ];
    return [{
      rule: "classes-alike",
      text: `No class is recognised more or less often than the others by more than chance ` +
        `explains, from ${least.class} (${least.correct} of ${least.images}) to ${most.class} (${most.correct} of ${most.images}).`,
      value: most.share - least.share,
      of: images,
      figure: "accuracy-by-class",
      source: "metrics.json#/per_class",
    }];
  }
  const tell = (some: typeof found, rule: string, how: string): Finding[] =>
    some.slice(0, MOST_NAMED).map((row, place) => {
      const interval = wilson(row.correct, row.images);
      const rest = (correct - row.correct) / Math.max(1, images - row.images);
      const more = place === MOST_NAMED - 1 ? some.length - MOST_NAMED : 0;
      return {
        rule,
        text: `${row.class} is recognised ${how} than the other classes together: in ${
          percent(row.share)
        } of ${counted(row.images, "image")} (95% interval ${percent(interval[0])} to ${
          percent(interval[1])
        }), the others in ${percent(rest)}.${
          more > 0 ? ` So are ${count(more)} more classes.` : ""
        }`,
        value: row.share,
        interval,
        of: row.images,
        figure: "accuracy-by-class",
        source: `metrics.json#/per_class/${row.index}`,
      };
    });
  return [...tell(low, "weak-class", "less often"), ...tell(high, "strong-class", "more often")];
}
