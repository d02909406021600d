/// <reference lib="dom" />
import type { RunRow } from "../messages.ts";
import { type Child, h } from "./dom.ts";
import { formatMoment, formatSeconds, formatShare, NONE } from "./format.ts";
import { runLink } from "./links.ts";
import { stateMark } from "./marks.ts";

/** A column of the table of runs. */
export interface Column {
  /** What is sorted by it: a field of the run, or a parameter's dotted path. */
  readonly id: string;
  readonly title: string;
  readonly numeric?: boolean;
  /** Whether it can be sorted by; it can unless this says no. */
  readonly sorts?: boolean;
  cell(run: RunRow): Child;
}

/** What every run has. */
export const FIXED: readonly Column[] = [
  { id: "name", title: "Run", cell: ({ name }) => h("a", { href: runLink(name) }, name) },
  { id: "state", title: "State", cell: ({ state }) => stateMark(state) },
  {
    id: "validation",
    title: "Validation",
    numeric: true,
    cell: (run) => formatShare(run.validation),
  },
  { id: "test", title: "Test", numeric: true, cell: (run) => formatShare(run.test) },
  { id: "started", title: "Started", cell: ({ started }) => formatMoment(started) },
  { id: "seconds", title: "Took", numeric: true, cell: ({ seconds }) => formatSeconds(seconds) },
  { id: "stages", title: "Stages", sorts: false, cell: ({ stages }) => stages },
];

/** A parameter. @param index Its place among a run's values. */
export function parameterColumn(path: string, index: number): Column {
  return { id: path, title: path, cell: ({ values }) => values[index] ?? NONE };
}

/** So many rows are put in place at once; the next ones follow when the page has been drawn. */
const AT_ONCE = 60;

/**
 * The rows of the table. A row is made again only where something in it changed, so that what has the
 * focus or is being read stays where it is while runs come and go.
 */
export class RowList {
  readonly #body: HTMLElement;
  readonly #ticked: Set<string>;
  readonly #changed: () => void;
  readonly #rows = new Map<string, { row: HTMLTableRowElement; made: string }>();
  #turn = 0;

  /** @param ticked Names of the runs that are chosen; kept up to date. */
  constructor(body: HTMLElement, ticked: Set<string>, changed: () => void) {
    this.#body = body;
    this.#ticked = ticked;
    this.#changed = changed;
  }

  show(runs: readonly RunRow[], columns: readonly Column[]): void {
    const turn = ++this.#turn;
    const names = new Set(runs.map(({ name }) => name));
    for (const [name, { row }] of this.#rows) {
      if (names.has(name)) continue;
      row.remove();
      this.#rows.delete(name);
    }
    const ids = columns.map(({ id }) => id);
    const place = (from: number) => {
      if (turn !== this.#turn) return; // something newer is shown
      for (const [i, run] of runs.slice(from, from + AT_ONCE).entries()) {
        const row = this.#rowOf(run, columns, ids);
        const there = this.#body.children[from + i];
        if (there !== row) this.#body.insertBefore(row, there ?? null);
      }
      if (from + AT_ONCE < runs.length) requestAnimationFrame(() => place(from + AT_ONCE));
    };
    place(0);
  }

  #rowOf(run: RunRow, columns: readonly Column[], ids: readonly string[]): HTMLTableRowElement {
    const made = JSON.stringify([run, ids]);
    const old = this.#rows.get(run.name);
    if (old?.made === made) return old.row;
    const row = old?.row ?? h("tr", {}, this.#box(run.name));
    const link = row.querySelector("a");
    const focused = link !== null && link === document.activeElement;
    while (row.children.length > 1) row.lastElementChild!.remove();
    for (const [i, column] of columns.entries()) {
      const side = { class: column.numeric ? "number" : null };
      const cell = column.cell(run);
      row.append(i === 0 ? h("th", { scope: "row", ...side }, cell) : h("td", side, cell));
    }
    if (focused) row.querySelector("a")?.focus();
    this.#rows.set(run.name, { row, made });
    return row;
  }

  #box(name: string): HTMLElement {
    const box = h("input", {
      type: "checkbox",
      "aria-label": `Compare ${name}`,
      checked: this.#ticked.has(name),
      onchange: () => {
        if (box.checked) this.#ticked.add(name);
        else this.#ticked.delete(name);
        this.#changed();
      },
    });
    return h("td", { class: "tick" }, box);
  }
}
