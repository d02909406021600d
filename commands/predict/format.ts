import { printable } from "../../base/printable.ts";
import { rounded } from "../../figures/figure.ts";
import type { Paint } from "../display/format.ts";

/** A class with its share. */
export interface Prediction {
  readonly label: string;
  readonly probability: number;
}

/** How results are written: texts that end in a line feed, or nothing. */
export interface Format {
  readonly head: string;
  image(path: string, predictions: readonly Prediction[]): string;
  /**
   * What stands among the results for an image that can't be read; where that is nothing, standard
   * error tells it.
   * @param reason What is wrong, without the path.
   */
  failure(path: string, reason: string): string;
}

/** As many as float32 carries. */
const DIGITS = 7;

/**
 * The likeliest classes, from the likeliest down; of equal ones the first comes first.
 * @param top How many; all where there are fewer.
 */
export function best(
  probabilities: Float64Array,
  labels: readonly string[],
  top: number,
): Prediction[] {
  const order = Array.from(probabilities.keys());
  order.sort((a, b) => probabilities[b] - probabilities[a] || a - b);
  return order.slice(0, top).map((index) => ({
    label: labels[index],
    probability: rounded(probabilities[index], DIGITS),
  }));
}

/** One object a line. */
export const JSON_LINES: Format = {
  head: "",
  image: (path, predictions) => JSON.stringify({ path, predictions }) + "\n",
  failure: (path, error) => JSON.stringify({ path, error }) + "\n",
};

/** RFC 4180, but for line feeds alone at the end of lines, as other Unix tools write them. */
export const CSV: Format = {
  head: "path,rank,label,probability\n",
  image: (path, predictions) =>
    predictions.map(({ label, probability }, i) =>
      [path, i + 1, label, probability].map(field).join(",") + "\n"
    ).join(""),
  failure: () => "",
};

function field(value: string | number): string {
  const text = String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/**
 * For people: a path, and below it the classes, their shares in a column.
 *
 *     photos/rex.jpg
 *        97.3%  dog
 *         1.9%  cat
 */
export function readable(paint: Paint): Format {
  return {
    head: "",
    image: (path, predictions) =>
      [
        paint.bold(printable(path)),
        ...predictions.map(({ label, probability }, i) => {
          const line = `${(100 * probability).toFixed(1).padStart(7)}%  ${printable(label)}`;
          return i === 0 ? line : paint.dim(line);
        }),
        "",
      ].join("\n"),
    failure: () => "",
  };
}
