/// <reference lib="dom" />
import { type Child, h, table } from "./dom.ts";
import { formatNumber, formatShare } from "./format.ts";

/** The numbers of one head for one query: n tokens, heads of width d. */
export interface HeadNumbers {
  /** What is asked from, and what is asked: a name for each token. */
  readonly tokens: readonly string[];
  /** Whose query it is. */
  readonly asking: string;
  /** Whether these are all tokens; else they are the patches alone. */
  readonly complete: boolean;
  /** The weights that were published, `[n]`. */
  readonly weights: ArrayLike<number>;
  /** Query, keys and values, as far as they were published. */
  readonly vectors?: {
    readonly query: ArrayLike<number>;
    readonly keys: readonly ArrayLike<number>[];
    readonly values: readonly ArrayLike<number>[];
    /** What scores are divided by: the root of d, or 1. */
    readonly divisor: number;
  };
}

/** One step: what is reckoned, with its numbers. */
export interface Step {
  readonly title: string;
  readonly content: readonly Child[];
}

/** So many tokens have a row of their own; the others stand together in one. */
const MOST_ROWS = 12;

/** Where queries, keys and values were not published: what the weights alone tell. */
export function backwards({ tokens, asking, weights, complete }: HeadNumbers): Step[] {
  const sum = total(weights);
  return [
    {
      title: "The weights",
      content: [
        h(
          "p",
          {},
          `The softmax of ${asking}'s scores, as the run published it. The ${tokens.length} ` +
            `weights add up to ${formatNumber(sum, 6)}` +
            (complete
              ? "."
              : `: of this image those given to patches were stored; the rest, ${
                formatShare(1 - sum, 2)
              }, is given to tokens that are no patches.`),
        ),
        byToken(tokens, weights, ["weight"], (i) => [formatShare(weights[i], 2)]),
      ],
    },
    {
      title: "Back to the scores",
      content: [
        h(
          "p",
          {},
          "Weights are exponentials divided by their sum, so their logarithms are the scores but for " +
            "one number that is the same for all: differences of scores can be read off.",
        ),
        byToken(tokens, weights, ["weight", "score below the largest"], (i) => [
          formatShare(weights[i], 2),
          weights[i] > 0
            ? formatNumber(Math.log(weights[i]) - Math.log(weights[largest(weights)]))
            : "too small to be kept",
        ]),
      ],
    },
    {
      title: "What is not there",
      content: [
        h(
          "p",
          {},
          "This run published no queries, keys and values of this head, so the scores themselves, " +
            "and the sum of values that the head gives, cannot be shown.",
        ),
      ],
    },
  ];
}

/** Where they were: from the query to what the head gives. @param token Whose key is looked at. */
export function forwards(
  numbers: HeadNumbers,
  { query, keys, values, divisor }: NonNullable<HeadNumbers["vectors"]>,
  token: number,
  choose: (token: number) => void,
): Step[] {
  const { tokens, asking, weights } = numbers;
  const products = keys.map((key) => dot(query, key));
  const scores = products.map((product) => product / divisor);
  const highest = Math.max(...scores);
  const exponentials = scores.map((score) => Math.exp(score - highest));
  const sum = total(exponentials);
  const shares = exponentials.map((value) => value / sum);
  const output = Array.from(values[0], (_, c) => dot(shares, values.map((value) => value[c])));
  const difference = Math.max(...shares.map((share, i) => Math.abs(share - weights[i])));
  return [
    {
      title: "The query",
      content: [
        h("p", {}, `What ${asking} asks: ${query.length} numbers.`),
        vector("q", query),
      ],
    },
    {
      title: "One score",
      content: [
        h("p", {}, `The query times the key of ${tokens[token]}, number by number, added up.`),
        tokenSelect(tokens, token, choose),
        table({
          caption: `q · k of ${tokens[token]}`,
          head: ["number", "q", "k", "q times k"],
          numeric: [1, 2, 3],
          rows: [
            ...Array.from(query, (q, c) => [
              c + 1,
              ...[q, keys[token][c], q * keys[token][c]].map((value) => formatNumber(value)),
            ]),
            ["sum", "", "", formatNumber(products[token], 6)],
          ],
        }),
      ],
    },
    {
      title: divisor === 1 ? "All scores" : "Divided by the root of the width",
      content: [
        h(
          "p",
          {},
          divisor === 1
            ? "Here scores are not divided by anything."
            : `Every product is divided by ${
              formatNumber(divisor, 6)
            }, the root of ${query.length}.`,
        ),
        byToken(tokens, shares, ["q · k", "score"], (i) => [
          formatNumber(products[i]),
          formatNumber(scores[i]),
        ]),
      ],
    },
    {
      title: "Exponentials",
      content: [
        h(
          "p",
          {},
          `The largest score, ${formatNumber(highest)}, is taken off first: it changes no weight ` +
            `and keeps numbers small. The exponentials add up to ${formatNumber(sum, 6)}.`,
        ),
        byToken(tokens, shares, ["score", "exponential"], (i) => [
          formatNumber(scores[i]),
          formatNumber(exponentials[i]),
        ]),
      ],
    },
    {
      title: "Weights",
      content: [
        h(
          "p",
          {},
          `Each exponential divided by the sum. They add up to ${
            formatNumber(total(shares), 6)
          }, and differ from those that the run published by ${
            formatNumber(difference, 2)
          } at most.`,
        ),
        byToken(tokens, shares, ["exponential", "weight"], (i) => [
          formatNumber(exponentials[i]),
          formatShare(shares[i], 2),
        ]),
      ],
    },
    {
      title: "The output",
      content: [
        h("p", {}, "Every value times its weight, added up: what the head gives for this query."),
        vector("output", output),
        byToken(tokens, shares, ["weight", "first number of its value", "weight times it"], (i) => [
          formatShare(shares[i], 2),
          formatNumber(values[i][0]),
          formatNumber(shares[i] * values[i][0]),
        ], ["", "", formatNumber(output[0], 6)]),
      ],
    },
  ];
}

function tokenSelect(
  tokens: readonly string[],
  token: number,
  choose: (token: number) => void,
): HTMLElement {
  const select = h(
    "select",
    { id: "arithmetic-key", onchange: () => choose(Number(select.value)) },
    ...tokens.map((name, i) => h("option", { value: i, selected: i === token }, name)),
  );
  return h("p", {}, h("label", { for: "arithmetic-key" }, "Key of "), select);
}

/** A row for each token, those of the largest weight first. */
function byToken(
  tokens: readonly string[],
  weights: ArrayLike<number>,
  head: readonly string[],
  cells: (token: number) => string[],
  sum?: readonly string[],
): HTMLElement {
  const order = tokens.map((_, i) => i).toSorted((a, b) => weights[b] - weights[a]);
  const rows = order.slice(0, MOST_ROWS).map((i) => [tokens[i], ...cells(i)]);
  const others = order.slice(MOST_ROWS);
  const rest = total(others.map((i) => weights[i]));
  const caption = others.length === 0
    ? "All tokens, by weight"
    : `The ${MOST_ROWS} tokens of largest weight; the other ${others.length} have ${
      formatShare(rest)
    } together`;
  return table({
    caption,
    head: ["token", ...head],
    numeric: head.map((_, i) => i + 1),
    rows: sum === undefined ? rows : [...rows, ["sum over all tokens", ...sum]],
  });
}

function vector(name: string, numbers: ArrayLike<number>): HTMLElement {
  const text = Array.from(numbers, (value) => formatNumber(value)).join(", ");
  return h("p", { class: "vector" }, `${name} = (${text})`);
}

function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

function total(values: ArrayLike<number>): number {
  return Array.from(values).reduce((sum, value) => sum + value, 0);
}

/** Place of the largest of some values. */
export function largest(values: ArrayLike<number>): number {
  const all = Array.from(values);
  return all.indexOf(Math.max(...all));
}
