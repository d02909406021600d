import { formatTable } from "../table.ts";
import { type Row, sayAlike } from "../view/page/parameters.ts";
import { type Comparison, labelsOf, sweepOf } from "./comparison.ts";

/** Up to so many runs each has a column; of more, each has a row. */
const MOST_COLUMNS = 4;
/** So many parameters stand side by side in a row. */
const MOST_PARAMETERS = 6;

/** A table with its heading, as the terminal and the page show it. */
export interface ComparedTable {
  readonly title: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** Columns of numbers. */
  readonly right: readonly number[];
  /** Whether each row is a run. */
  readonly byRun: boolean;
}

/** What there is to show of a comparison, in order. */
export function tablesOf(comparison: Comparison): ComparedTable[] {
  const names = labelsOf(comparison.runs);
  const { parameters, stages, numbers, seconds } = comparison;
  return [
    { title: "Parameters that differ", rows: parameters, right: false },
    { title: "Stages that not all of them have", rows: stages, right: false },
    { title: "Results", rows: numbers, right: true },
    { title: "Time that each stage took when it was made", rows: seconds, right: true },
  ]
    .filter(({ rows }) => rows.length > 0)
    .map(({ title, rows, right }) => tableOf(title, names, rows, right));
}

function tableOf(
  title: string,
  names: readonly string[],
  rows: readonly Row[],
  numeric: boolean,
): ComparedTable {
  const byRun = names.length > MOST_COLUMNS;
  const head = ["", ...(byRun ? rows.map(({ name }) => name) : names)];
  return {
    title,
    head,
    rows: byRun
      ? names.map((name, run) => [name, ...rows.map(({ values }) => values[run])])
      : rows.map(({ name, values }) => [name, ...values]),
    right: numeric ? head.map((_, column) => column).slice(1) : [],
    byRun,
  };
}

/** A comparison as people read it on a terminal. */
export function formatComparison(comparison: Comparison): string {
  const tables = tablesOf(comparison);
  const parts = tables.map((table) => {
    const most = table.byRun ? MOST_PARAMETERS + 1 : Infinity;
    const left = table.head.length - most;
    const cut = (cells: readonly string[]) => cells.slice(0, most);
    return [
      table.title,
      formatTable(cut(table.head), table.rows.map(cut), { right: table.right }),
      ...(left > 0 ? [`  and ${left} more on the page`] : []),
    ].join("\n");
  });
  const sweep = sweepOf(comparison.runs);
  if (sweep !== undefined) parts.unshift(`Points of the sweep ${sweep}`);
  if (comparison.parameters.length === 0) parts.unshift(sayAlike(comparison.asked));
  for (const { name, sentences } of comparison.others) {
    const shown = sentences.slice(0, 6);
    const more = sentences.length - shown.length;
    parts.push([
      `Besides, from ${labelsOf(comparison.runs)[0]} to ${name}:`,
      ...shown.map((sentence) => `  ${sentence}`),
      ...(more > 0 ? [`  and ${more} more on the page`] : []),
    ].join("\n"));
  }
  return parts.join("\n\n");
}
