import { type Attention, type AttentionInput, entropy } from "./attention.ts";
import type { RowCheck } from "./checks.ts";
import { type Block, heading, list, text } from "./document.ts";
import { column, num } from "./formula.ts";
import { counted, isExact, listed, shown } from "./numbers.ts";

/** Rows of a table that are shown. */
const MOST_ROWS = 16;

/**
 * What scaling changes with these very numbers.
 * @param found Attention as it was asked for. @param other The same with scaling the other way round.
 */
export function writeScaling(input: AttentionInput, found: Attention, other: Attention): Block[] {
  const [plain, scaled] = input.scale ? [other, found] : [found, other];
  const rows = plain.weights.slice(0, MOST_ROWS);
  const largest = (weights: readonly number[]) => weights.reduce((a, b) => Math.max(a, b));
  const change = largest(
    plain.outputs.flatMap((output, i) => output.map((x, c) => Math.abs(x - scaled.outputs[i][c]))),
  );
  const length = input.key.length;
  const blocks: Block[] = [heading(3, "What scaling changes here")];
  if (length === 1) {
    return [
      ...blocks,
      text("Queries and keys have one number, d_k = 1, and √1 = 1: scaling changes nothing here."),
    ];
  }
  const uneven = plain.weights.filter((row, i) =>
    largest(row) - largest(scaled.weights[i]) > 1e-12
  );
  return [
    ...blocks,
    text(
      `Scaling divides every score by √d_k = √${length} ${isExact(scaled.divisor) ? "=" : "≈"} ${
        shown(scaled.divisor)
      } before the softmax. Scores lie closer together, so weights are more even: the entropy, 0 ` +
        `where one patch has all the weight and ln ${plain.weights.length} ≈ ${
          shown(Math.log(plain.weights.length))
        } where all are alike, is never smaller. ${
          uneven.length === 0
            ? plain.scores.every((row) => row.every((score) => score === row[0]))
              ? "Here no weight changes: in every row all scores are equal."
              : "Here scores lie so far apart that all weight stays where it was, but for what no " +
                "digit shows."
            : `The largest weight falls in ${uneven.length} of ${
              counted(plain.weights.length, "row")
            }, and numbers of the outputs change by up to ${shown(change)}.`
        } With long keys products grow with d_k, and unscaled softmax would give nearly all weight to ` +
        "one patch, where its gradient vanishes (Vaswani et al. 2017, section 3.2.1).",
    ),
    {
      type: "table",
      head: [
        "patch",
        "largest weight, unscaled",
        "scaled",
        "entropy, unscaled",
        "scaled",
        "output, unscaled",
        "scaled",
      ],
      numeric: [1, 2, 3, 4],
      rows: rows.map((weights, i) => [
        String(i + 1),
        shown(largest(weights)),
        shown(largest(scaled.weights[i])),
        shown(entropy(weights)),
        shown(entropy(scaled.weights[i])),
        vector(plain.outputs[i]),
        vector(scaled.outputs[i]),
      ]),
    },
    text(`Above, and in \`result.json\`, attention is ${input.scale ? "scaled" : "unscaled"}.`),
  ];
}

/** How one sees that the calculation is right, with what it comes to here. */
export function writeChecks(found: Attention, rows: readonly RowCheck[]): Block[] {
  const sums = rows.map(({ sum }) => Math.abs(sum - 1)).reduce((a, b) => Math.max(a, b));
  const residual = rows.map((row) => row.residual).reduce((a, b) => Math.max(a, b));
  return [
    heading(3, "How do I check it?"),
    list(
      `Each row of weights must add up to 1. ${
        verdict(rows, (row) => row.sums_to_one)
      } the largest difference from 1 is ${shown(sums)}.`,
      "No weight is negative, and they add up to 1: an output is a mean of the values and can't " +
        `leave their convex hull. ${
          verdict(rows, (row) => row.in_hull)
        } reckoned again from the first value, v₁ + Σⱼ wⱼ (vⱼ − v₁), every output is the same to ${
          shown(residual)
        }.`,
      ...bounds(rows),
      ratio(found),
    ),
  ];
}

/** Says of how many rows something holds. */
function verdict(rows: readonly RowCheck[], holds: (row: RowCheck) => boolean): string {
  const wrong = rows.flatMap((row, i) => holds(row) ? [] : [i + 1]);
  return wrong.length === 0
    ? `It holds in ${rows.length === 1 ? "the one row" : `all ${rows.length} rows`}:`
    : `It does not hold in row ${listed(wrong)}:`;
}

/** Outputs between the smallest and the largest value, for the first rows and numbers. */
function bounds(rows: readonly RowCheck[]): string[] {
  const [first] = rows;
  const shownBounds = first.bounds.slice(0, 4).map(([low, output, high], c) =>
    `number ${c + 1}: ${shown(low)} ≤ ${shown(output)} ≤ ${shown(high)}`
  );
  return [
    "So each number of an output lies between the smallest and the largest of that number among " +
    `the values. Patch 1: ${shownBounds.join("; ")}.`,
  ];
}

/** Two weights of a row against their scores, for the first row, with the largest and smallest. */
function ratio({ scores: [scores], weights: [weights] }: Attention): string {
  const most = scores.indexOf(scores.reduce((a, b) => Math.max(a, b)));
  const least = scores.indexOf(scores.reduce((a, b) => Math.min(a, b)));
  const rule =
    "The logarithm of the ratio of two weights of a row must be the difference of their " +
    "scores.";
  if (most === least) return `${rule} In row 1 all scores are equal, and so are the weights.`;
  if (weights[least] === 0) {
    return `${rule} In row 1 the weight of patch ${
      least + 1
    } is too small to be told from 0: its ` +
      `score is ${shown(scores[most] - scores[least])} below the largest.`;
  }
  return `${rule} In row 1, for patches ${most + 1} and ${least + 1}: ln(${
    shown(weights[most])
  } / ${shown(weights[least])}) ≈ ${shown(Math.log(weights[most] / weights[least]))}, and ` +
    `${shown(scores[most])} − ${
      scores[least] < 0 ? `(${shown(scores[least])})` : shown(scores[least])
    } ${isExact(scores[most] - scores[least]) ? "=" : "≈"} ${shown(scores[most] - scores[least])}.`;
}

function vector(x: readonly number[]): string {
  return column(x.map((value) => num(value))).text;
}
