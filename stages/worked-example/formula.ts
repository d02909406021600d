import { isExact, parts, shown } from "./numbers.ts";

/** A formula twice: as a line of text, and as MathML without its `<math>`. */
export interface Formula {
  readonly text: string;
  readonly mathml: string;
}

/** Terms of a sum, or rows of a column, above which the middle is left out. */
const MOST_SHOWN = 8;

/** Parts one after the other; a plain string stands for an operator. */
export function seq(...all: readonly (Formula | string)[]): Formula {
  const formulas = all.map((one) => typeof one === "string" ? operator(one) : one);
  return {
    text: formulas.map(({ text }) => text).join(""),
    mathml: `<mrow>${formulas.map(({ mathml }) => mathml).join("")}</mrow>`,
  };
}

/** `=`, `+`, `·`: with a space on both sides in text, but for a point or a bracket. */
function operator(symbol: string): Formula {
  const tight = ["·", "(", ")", ", "].includes(symbol);
  return {
    text: tight ? symbol : ` ${symbol} `,
    mathml: `<mo>${symbol.trim()}</mo>`,
  };
}

/** A letter, with an index of one or two numbers or a word below it. */
export function letter(name: string, ...below: readonly (number | string)[]): Formula {
  if (below.length === 0) return { text: name, mathml: `<mi>${name}</mi>` };
  const comma = below.some((index) => String(index).length > 1) ? "," : "";
  const index = below.map((one) => typeof one === "number" ? `<mn>${one}</mn>` : `<mi>${one}</mi>`)
    .join(comma === "" ? "" : "<mo>,</mo>");
  const text = below.every((one) => typeof one === "number")
    ? below.map((one) => subscript(one as number)).join(comma)
    : `_${below.join(comma)}`;
  return { text: `${name}${text}`, mathml: `<msub><mi>${name}</mi><mrow>${index}</mrow></msub>` };
}

/** A number; a negative one in brackets where something stands before it. */
export function num(x: number, after = false): Formula {
  const { sign, mantissa, exponent } = parts(x);
  const digits = `${sign === "" ? "" : "<mo>−</mo>"}<mn>${mantissa}</mn>`;
  const power = exponent === undefined
    ? ""
    : `<mo>×</mo><msup><mn>10</mn><mn>${exponent < 0 ? "−" : ""}${Math.abs(exponent)}</mn></msup>`;
  const bare = { text: shown(x), mathml: `<mrow>${digits}${power}</mrow>` };
  return after && sign !== "" ? seq("(", bare, ")") : bare;
}

/** `= 3`, or `≈ 0.4223` where that is rounded. */
export function equals(x: number): Formula {
  return seq(isExact(x) ? "=" : "≈", num(x));
}

/** The same of a vector: `=` where every number is exact. */
export function equalsColumn(vector: readonly number[]): Formula {
  return seq(vector.every(isExact) ? "=" : "≈", column(vector.map((x) => num(x))));
}

/** `1·2 + 0·1`, the middle left out of many. */
export function sumOfProducts(a: readonly number[], b: readonly number[]): Formula {
  const product = (i: number) => seq(num(a[i], i > 0), "·", num(b[i], true));
  const terms = shortened(a.map((_, i) => () => product(i)), () => letter("…"));
  return seq(...terms.flatMap((term, i) => i === 0 ? [term()] : ["+", term()]));
}

/** A column vector: in text `(1, 2)`. */
export function column(cells: readonly Formula[]): Formula {
  const some = shortened(cells, letter("⋮"));
  return {
    text: `(${some.map(({ text }) => text === "⋮" ? "…" : text).join(", ")})`,
    mathml: `<mrow><mo>(</mo><mtable>${
      some.map(({ mathml }) => `<mtr><mtd>${mathml}</mtd></mtr>`).join("")
    }</mtable><mo>)</mo></mrow>`,
  };
}

/** A matrix: in text its rows in square brackets. */
export function matrix(rows: readonly (readonly number[])[]): Formula {
  const some = shortened(rows.map((row) => shortened(row.map((x) => num(x)), letter("…"))), [
    letter("…"),
  ]);
  return {
    text: `[${some.map((row) => `[${row.map(({ text }) => text).join(", ")}]`).join(", ")}]`,
    mathml: `<mrow><mo>(</mo><mtable>${
      some.map((row) => `<mtr>${row.map(({ mathml }) => `<mtd>${mathml}</mtd>`).join("")}</mtr>`)
        .join("")
    }</mtable><mo>)</mo></mrow>`,
  };
}

/** `e^1`, with brackets where the exponent is more than a number. */
export function exponential(exponent: Formula): Formula {
  const plain = /^[\d.,]+$/.test(exponent.text);
  return {
    text: `e^${plain ? exponent.text : `(${exponent.text})`}`,
    mathml: `<msup><mi>e</mi>${exponent.mathml}</msup>`,
  };
}

/** `a / b`. */
export function fraction(above: Formula, below: Formula): Formula {
  return {
    text: `${above.text} / ${below.text}`,
    mathml: `<mfrac>${above.mathml}${below.mathml}</mfrac>`,
  };
}

/** `√2`. */
export function root(of: Formula): Formula {
  return { text: `√${of.text}`, mathml: `<msqrt>${of.mathml}</msqrt>` };
}

/** A formula on a line of its own, for a page. */
export function math({ text, mathml }: Formula): string {
  const name = text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
  return `<math xmlns="http://www.w3.org/1998/Math/MathML" display="block" alttext="${name}">` +
    `${mathml}</math>`;
}

function subscript(n: number): string {
  return String(n).replace(/\d/g, (digit) => "₀₁₂₃₄₅₆₇₈₉"[Number(digit)]);
}

/** The first ones and the last, with a sign for the others between them. */
function shortened<T>(all: readonly T[], between: T): T[] {
  if (all.length <= MOST_SHOWN) return [...all];
  return [...all.slice(0, MOST_SHOWN - 2), between, all.at(-1)!];
}
