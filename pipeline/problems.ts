import { UserError } from "../base/errors.ts";
import { printable } from "../base/printable.ts";

/** A text that values of a config come from: a file, or one `--set` of the command line. */
export interface Source {
  /** What stands before a message: `configs/pets.yaml`, `--set train.epochs=x`. */
  readonly label: string;
  /** The file's text, to show the line; null for the command line. */
  readonly text: string | null;
  /** Problems are printed in this order of sources: the config, what it extends, the command line. */
  readonly rank: number;
}

/** A stretch of a source, in UTF-16 units from its start; `end` is the first one after it. */
export interface Place {
  readonly source: Source;
  readonly start: number;
  readonly end: number;
}

/** One mistake in a config. */
export interface Problem {
  /** Null where the file as a whole is meant; the message then names it. */
  readonly at: Place | null;
  /** One sentence without a full stop. */
  readonly message: string;
  /** Something is missing. Not worth saying of a file that could be read only in part. */
  readonly absence?: boolean;
}

/** Gathers mistakes, each once. */
export class ProblemList {
  readonly #problems = new Map<string, Problem>();

  add(at: Place | null, message: string, absence = false): void {
    const place = at === null ? "" : `${at.source.rank} ${at.start}`;
    this.#problems.set(`${place} ${message}`, { at, message, absence });
  }

  addAll(problems: Iterable<Problem>): void {
    for (const { at, message, absence } of problems) this.add(at, message, absence);
  }

  get size(): number {
    return this.#problems.size;
  }

  /** In order of sources, then of places. */
  sorted(): Problem[] {
    return [...this.#problems.values()].sort((a, b) =>
      (a.at?.source.rank ?? 0) - (b.at?.source.rank ?? 0) ||
      (a.at?.start ?? 0) - (b.at?.start ?? 0)
    );
  }
}

/** Every mistake that was found in a config. The message is the text to print; exit code 2. */
export class ConfigProblems extends UserError {
  override name = "ConfigProblems";
  /** All of them, in order. */
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    super(formatProblems(problems));
    this.problems = problems;
  }
}

/** How many problems are printed before the rest is only counted. */
const SHOWN = 4;
/** Longest part of a line that is shown, in characters. */
const WIDTH = 96;

/** The first four problems with their lines, then a count. */
export function formatProblems(problems: readonly Problem[]): string {
  const shown = problems.slice(0, SHOWN).map(formatProblem);
  if (problems.length > SHOWN) shown.push(`… and ${problems.length - SHOWN} more`);
  return shown.join("\n");
}

function formatProblem({ at, message }: Problem): string {
  if (at === null) return message;
  const { label, text } = at.source;
  if (text === null) return `${label} ${message}`;
  const { line, column } = lineAndColumn(text, at.start);
  const head = `${label}:${line}:${column} ${message}`;
  const excerpt = excerptOf(text, at);
  if (excerpt === null) return head;
  const gutter = String(line).padStart(5);
  return `${head}\n${gutter} | ${excerpt.line}\n${" ".repeat(gutter.length)} | ${excerpt.carets}`;
}

/** Line and column of an offset, from 1; a column is one character, however many bytes it has. */
export function lineAndColumn(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset);
  const start = before.lastIndexOf("\n") + 1;
  return { line: before.split("\n").length, column: [...before.slice(start)].length + 1 };
}

function excerptOf(text: string, at: Place): { line: string; carets: string } | null {
  const start = text.lastIndexOf("\n", at.start - 1) + 1;
  const newline = text.indexOf("\n", at.start);
  const end = newline < 0 ? text.length : newline;
  const line = [...printable(text.slice(start, end).replace(/\r$/, ""))];
  if (line.length === 0) return null;
  const from = [...text.slice(start, at.start)].length;
  const length = Math.max(1, [...text.slice(at.start, Math.min(at.end, end)).trimEnd()].length);
  // A line too long to show is cut so that the carets stay in sight.
  const cut = line.length <= WIDTH ? 0 : Math.max(0, Math.min(from - 20, line.length - WIDTH));
  const piece = line.slice(cut, cut + WIDTH);
  if (cut > 0) piece[0] = "…";
  if (cut + WIDTH < line.length) piece[WIDTH - 1] = "…";
  const carets = "^".repeat(Math.min(length, Math.max(1, piece.length - (from - cut))));
  return { line: piece.join(""), carets: " ".repeat(from - cut) + carets };
}
