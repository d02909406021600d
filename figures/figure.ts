import { THEME } from "./theme.ts";

/**
 * One picture: what `FigureSpec` in stages/stage.ts is. It is declared here again because nothing
 * in this layer may know a stage.
 */
export interface Figure {
  /** File name without ending: lower case, words joined by hyphens. */
  readonly name: string;
  /** What stands above it. */
  readonly title: string;
  /** What it shows, in words, for those who do not see it. */
  readonly description: string;
  /** A complete Vega-Lite spec, its data inline. */
  readonly spec: Record<string, unknown>;
}

/** Part of a Vega-Lite spec. */
export type Body = Record<string, unknown>;

/**
 * Makes a figure of what is particular to it. The spec that comes out is complete, with the theme:
 * it opens in the Vega editor as it is.
 *
 * @param about Name, title and description; `subtitle` is a line (or lines) under the title for
 * sizes, units and what was left out.
 * @param body Data, marks and encodings, or a composition of them.
 */
export function figure(
  about: {
    name: string;
    title: string;
    description: string;
    subtitle?: string | readonly string[];
  },
  body: Body,
): Figure {
  const { name, title, description, subtitle } = about;
  return {
    name,
    title,
    description,
    spec: {
      $schema: "https://vega.github.io/schema/vega-lite/v6.json",
      description,
      title: subtitle === undefined ? { text: title } : { text: title, subtitle },
      ...body,
      config: THEME,
    },
  };
}

/** 3647624 as "3,647,624". */
export function count(n: number): string {
  return n.toLocaleString("en-GB");
}

/** "1 image", "2,000 images". */
export function counted(n: number, one: string, many = `${one}s`): string {
  return `${count(n)} ${n === 1 ? one : many}`;
}

/** 0.8613 as "86.1%". */
export function percent(share: number, digits = 1): string {
  return `${(100 * share).toFixed(digits)}%`;
}

/**
 * Rounds to so many significant digits: numbers of a picture need no more, and specs stay small.
 */
export function rounded(x: number, digits = 5): number {
  return Number(x.toPrecision(digits));
}

/**
 * The largest of as many numbers as there are: `Math.max(...xs)` has each of them on the stack, and
 * there is no room for more than some 100,000. -Infinity of none.
 */
export function largest(xs: ArrayLike<number>): number {
  let most = -Infinity;
  for (let i = 0; i < xs.length; i++) most = Math.max(most, xs[i]);
  return most;
}

/** Axis labels with a prefix, "200k", "86M"; without it at zero, which has none. */
export const WITH_PREFIX = {
  format: "~s",
  labelExpr: "datum.value === 0 ? '0' : datum.label",
} as const;

/** Title of one panel among several. */
export function panelTitle(text: string | readonly string[]): Body {
  return { text, fontSize: 14, fontWeight: "normal", frame: "group", offset: 10 };
}

/** Shortens a label to so many characters, with an ellipsis. */
export function shorten(text: string, length: number): string {
  const characters = [...text];
  return characters.length <= length ? text : `${characters.slice(0, length - 1).join("")}…`;
}
