import type { z } from "zod";
import type { figuresSchema } from "../../pipeline/schemas.ts";
import type { Finding } from "../../stages/stage.ts";

/** One entry of a `figures.json`. */
export type FigureEntry = z.infer<typeof figuresSchema>[number];

/** A figure of a stage with its picture. */
export interface ReportFigure extends FigureEntry {
  /** Path of the PNG from the run's folder. */
  readonly png: string;
  /** Text of the SVG. */
  readonly svg: string;
}

/** A table with a heading for each column. */
export interface Table {
  readonly caption: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** Where the first cell of each row leads: a path from the page. */
  readonly links?: readonly (string | undefined)[];
  /** Columns of numbers, which stand on the right. */
  readonly numeric?: readonly number[];
  /** Long: the page folds it away. */
  readonly folded?: boolean;
  /** File that the numbers stand in: a path from the page. */
  readonly source?: string;
}

/** Name, value, and the file that the value stands in: a path from the page. */
export type Fact = readonly [name: string, value: string, source?: string];

/** What a report is made of, whether it becomes a page or Markdown. All text is plain. */
export type Block =
  /** `source`: the file that its numbers stand in. */
  | { readonly type: "text"; readonly text: string; readonly source?: string }
  /** What the exercise asks here, and what the run answers in a sentence or two. */
  | { readonly type: "question"; readonly text: string }
  | { readonly type: "answer"; readonly text: string; readonly source?: string }
  | { readonly type: "problem"; readonly text: string }
  | { readonly type: "heading"; readonly text: string }
  | { readonly type: "facts"; readonly items: readonly Fact[] }
  /** What the data of the stage show. */
  | { readonly type: "findings"; readonly stage: string; readonly items: readonly Finding[] }
  | { readonly type: "table"; readonly table: Table }
  | { readonly type: "code"; readonly text: string; readonly language: string }
  /** A stage's own text; "figure `name`" in it is one of the stage's figures. */
  | {
    readonly type: "markdown";
    readonly stage: string;
    readonly source: string;
    /** What a page sets in place of a fenced block of the same text: `<math>` elements. */
    readonly formulas?: ReadonlyMap<string, readonly string[]>;
  }
  /** Files that a part rests on: paths from the page. */
  | { readonly type: "files"; readonly paths: readonly string[] }
  | { readonly type: "figure"; readonly stage: string; readonly figure: ReportFigure };

/** A part of a report under a heading of its own. */
export interface Section {
  /** Anchor: lower case, hyphens. */
  readonly id: string;
  readonly title: string;
  readonly blocks: readonly Block[];
}

/** A whole report. */
export interface ReportDocument {
  readonly title: string;
  /** 64 hexadecimal digits that say what it is made of; for programs. */
  readonly stamp?: string;
  /** The number that one looks for first, with what it is; null where it is not known. */
  readonly headline: {
    readonly value: string;
    readonly label: string;
    readonly source?: string;
  } | null;
  /** Below the title, before the sections. */
  readonly summary: readonly Block[];
  readonly sections: readonly Section[];
}
