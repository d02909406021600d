import { type Attention, type AttentionInput, readableDot } from "./attention.ts";
import { type Block, formulas, heading, text } from "./document.ts";
import {
  column,
  equals,
  equalsColumn,
  exponential,
  type Formula,
  fraction,
  letter,
  matrix,
  num,
  root,
  seq,
  sumOfProducts,
} from "./formula.ts";
import { counted, isExact, listed, shown } from "./numbers.ts";

/** Up to so many patches everything is written out; of more, the first {@linkcode SOME}. */
const MOST_WRITTEN = 16;
const SOME = 8;

/** Attention worked out in words and formulas, from what is given to the outputs. */
export function writeAttention(input: AttentionInput, worked: Attention): Block[] {
  const found = readable(input, worked);
  const count = input.patches.length;
  const rows = range(count <= MOST_WRITTEN ? count : SOME);
  return [
    heading(2, "Attention by hand"),
    text(
      `Given are ${counted(count, "patch", "patches")}, column vectors of ${
        counted(input.patches[0].length, "number")
      }, and three matrices.${
        rows.length < count
          ? ` Of the ${shown(count)} patches the first ${SOME} are written out, each with its ` +
            `scores for these; \`result.json\` has all, and every sum runs over all.`
          : ""
      }`,
    ),
    formulas(
      ...rows.map((i) => seq(letter("p", i + 1), "=", vector(input.patches[i]))),
      seq(letter("W", "Q"), "=", matrix(input.query)),
      seq(letter("W", "K"), "=", matrix(input.key)),
      seq(letter("W", "V"), "=", matrix(input.value)),
    ),
    heading(3, "Step 1: query, key and value of each patch"),
    text(
      "Each patch is multiplied by each matrix. The query says what a patch looks for, the key what " +
        "it offers to be found by, the value what it hands over. A row of the matrix times the " +
        "patch gives one number of the result.",
    ),
    ...rows.map((i) => formulas(...products(input, found, i))),
    heading(3, "Step 2: scores"),
    text(scoresText(input, found)),
    ...rows.map((i) => formulas(...rows.map((j) => score(input, found, i, j)))),
    heading(3, "Step 3: softmax, a row of scores becomes weights"),
    text(softmaxText(found, rows)),
    ...rows.map((i) => formulas(...softmaxOf(found, i, rows))),
    heading(3, "Step 4: outputs"),
    text("The output of a patch is the sum of all values, each as much as its weight says."),
    ...rows.map((i) => formulas(output(found, i))),
    heading(3, "Result"),
    {
      type: "table",
      head: ["patch", ...rows.map((j) => `weight of ${j + 1}`), "output"],
      numeric: rows.map((j) => j + 1),
      rows: rows.map((i) => [
        String(i + 1),
        ...rows.map((j) => shown(found.weights[i][j])),
        vector(found.outputs[i]).text,
      ]),
    },
    text(rows.map((i) => attendsTo(found.weights[i], i)).join(" ")),
  ];
}

/** The same with 0 in place of what rounding leaves of 0: for the eye, not for `result.json`. */
function readable({ patches, query, key, value }: AttentionInput, found: Attention): Attention {
  const times = (matrix: AttentionInput["query"]) =>
    patches.map((patch) => matrix.map((row) => readableDot(row, patch)));
  const [queries, keys, values] = [times(query), times(key), times(value)];
  const products = queries.map((q) => keys.map((k) => readableDot(q, k)));
  const scores = products.map((row) => row.map((product) => product / found.divisor));
  return { ...found, queries, keys, values, products, scores };
}

const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i);
const vector = (x: readonly number[]): Formula => column(x.map((value) => num(value)));

function products(input: AttentionInput, found: Attention, i: number): Formula[] {
  const patch = input.patches[i];
  const lines = [
    { name: "q", index: "Q", by: input.query, result: found.queries[i] },
    { name: "k", index: "K", by: input.key, result: found.keys[i] },
    { name: "v", index: "V", by: input.value, result: found.values[i] },
  ];
  return lines.map(({ name, index, by, result }) =>
    seq(
      letter(name, i + 1),
      "=",
      letter("W", index),
      letterAfter("p", i + 1),
      "=",
      column(by.map((row) => sumOfProducts(row, patch))),
      equalsColumn(result),
    )
  );
}

/** A letter with a space before it in text. */
function letterAfter(name: string, index: number): Formula {
  const formula = letter(name, index);
  return { ...formula, text: ` ${formula.text}` };
}

function scoresText({ key, scale }: AttentionInput, { divisor }: Attention): string {
  const what = "The score of patch i for patch j is the scalar product of the query of i and the " +
    "key of j: the larger, the better they fit.";
  if (!scale) return `${what} Here it is not scaled.`;
  return `${what} It is divided by √d_k = √${key.length} ${isExact(divisor) ? "=" : "≈"} ${
    shown(divisor)
  }, the root of the length of a key.`;
}

function score({ key, scale }: AttentionInput, found: Attention, i: number, j: number): Formula {
  const product = sumOfProducts(found.queries[i], found.keys[j]);
  const left = seq(letter("q", i + 1), "·", letter("k", j + 1));
  const name = letter("s", i + 1, j + 1);
  if (!scale) return seq(name, "=", left, "=", product, equals(found.scores[i][j]));
  const below = root(num(key.length));
  return seq(
    name,
    "=",
    fraction(left, below),
    "=",
    fraction(inText("(", product, ")"), below),
    isExact(found.products[i][j]) ? "=" : "≈",
    fraction(num(found.products[i][j]), below),
    equals(found.scores[i][j]),
  );
}

/** Brackets that text needs and a fraction bar does without. */
function inText(before: string, formula: Formula, after: string): Formula {
  return { ...formula, text: `${before}${formula.text}${after}` };
}

function softmaxText({ softmax, scores }: Attention, rows: readonly number[]): string {
  const what =
    "For every score s the exponential a = e^s is taken, which is positive, and divided by " +
    "the sum Z of its row, which makes the row add up to 1: w = a / Z. A number behind ≈ is " +
    "written rounded; what follows is reckoned with all of its digits.";
  const shifted = rows.filter((i) => softmax[i].shift !== 0);
  if (shifted.length === 0) return what;
  const i = shifted[0];
  const { shift } = softmax[i];
  return `${what} In ${
    shifted.length === rows.length
      ? "every row"
      : `row${shifted.length === 1 ? "" : "s"} ${listed(shifted.map((i) => i + 1))}`
  } the largest score is subtracted from all first: e to the power ${
    shown(shift)
  } would be a number too ${
    shift > 0 ? "large" : "small"
  } to reckon with safely. That divides every exponential and their sum by the same number ` +
    `(row ${i + 1}: by e^(${shown(shift)})), so no weight changes${
      scores[i].some((s) => Math.exp(s - shift) === 0)
        ? "; a weight of 0 is one below 10^−323, which a computer can't tell from 0"
        : ""
    }.`;
}

function softmaxOf(found: Attention, i: number, rows: readonly number[]): Formula[] {
  const { shift, exponentials, sum, weights } = found.softmax[i];
  const scores = found.scores[i];
  const power = (j: number) =>
    exponential(shift === 0 ? num(scores[j]) : seq(num(scores[j]), "−", num(shift, true)));
  // A power of e is a number of finitely many digits for e^0 alone, though float64 may end at 0 or 1.
  const exact = (j: number) => scores[j] === shift;
  const allExact = scores.every((_, j) => exact(j));
  const equalsIf = (holds: boolean, x: number) => holds ? equals(x) : seq("≈", num(x));
  const first = rows.map((j) =>
    seq(letter("a", i + 1, j + 1), "=", power(j), equalsIf(exact(j), exponentials[j]))
  );
  const terms = rows.flatMap((j) => [...(j === 0 ? [] : ["+"]), num(exponentials[j])]);
  const others = rows.length < scores.length ? ["+", letter("…")] : [];
  return [
    ...first,
    seq(
      letter("Z", i + 1),
      "=",
      ...terms,
      ...others,
      allExact ? "=" : "≈",
      num(sum),
    ),
    ...rows.map((j) =>
      seq(
        letter("w", i + 1, j + 1),
        "=",
        fraction(letter("a", i + 1, j + 1), letter("Z", i + 1)),
        allExact ? "=" : "≈",
        fraction(num(exponentials[j]), num(sum)),
        equalsIf(allExact, weights[j]),
      )
    ),
  ];
}

function output(found: Attention, i: number): Formula {
  const weights = found.weights[i];
  const { shift } = found.softmax[i];
  const exact = found.scores[i].every((score) => score === shift);
  const all = range(weights.length);
  const some = all.length <= MOST_WRITTEN ? all : all.slice(0, 3);
  const symbols = some.flatMap((j) => [
    ...(j === 0 ? [] : ["+"]),
    letter("w", i + 1, j + 1),
    letterAfter("v", j + 1),
  ]);
  const numbers = some.flatMap((j) => [
    ...(j === 0 ? [] : ["+"]),
    seq(num(weights[j]), "·", vector(found.values[j])),
  ]);
  const others = some.length < all.length ? ["+", letter("…")] : [];
  return seq(
    letter("o", i + 1),
    "=",
    ...symbols,
    ...others,
    exact && weights.every(isExact) ? "=" : "≈",
    ...numbers,
    ...others,
    ...(exact ? [equalsColumn(found.outputs[i])] : ["≈", vector(found.outputs[i])]),
  );
}

/** Weights that differ by less are written as equal. */
const ALIKE = 1e-9;

/** Which patches one attends to most, in a sentence. */
function attendsTo(weights: readonly number[], i: number): string {
  const most = Math.max(...weights);
  const alike = range(weights.length).filter((j) => most - weights[j] < ALIKE);
  const share = (w: number) => `${(100 * w).toFixed(1)}%`;
  if (alike.length === weights.length) {
    return weights.length === 1
      ? `Patch ${i + 1} has only itself to attend to.`
      : `Patch ${i + 1} attends to all alike (${share(most)} each): its scores are equal.`;
  }
  const named = alike.length <= 4 ? listed(alike.map((j) => j + 1)) : `${alike.length} of them`;
  return `Patch ${i + 1} attends most to patch${alike.length === 1 ? "" : "es"} ${named} (${
    share(most)
  }${alike.length === 1 ? "" : " each"}).`;
}
