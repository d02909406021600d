/// <reference lib="dom" />
import type { RunsMessage, SweepRow } from "../messages.ts";
import { type Choice, choose, differing } from "./choose.ts";
import { pollRuns } from "./client.ts";
import { announce, h, table } from "./dom.ts";
import { formatShare } from "./format.ts";
import { compareLink } from "./links.ts";
import { MOST_CURVES } from "./chart.ts";
import { type Column, FIXED, parameterColumn, RowList } from "./rows.ts";

/** So many parameters have a column unless more are asked for: a table is to be read. */
const FIRST_COLUMNS = 8;

/** What was chosen, for whoever comes back to the page. */
let choice: Choice = { words: "", state: "", order: { by: "started", down: true } };
const compared = new Set<string>();
/** Parameters that were switched on or off by hand. */
const switched = new Map<string, boolean>();

const STATES = ["running", "done", "failed", "interrupted", "stopped", "not begun"];

/** Every run in a table. */
export function showRuns(place: HTMLElement, _query: URLSearchParams, signal: AbortSignal): void {
  const page = new RunsPage();
  place.append(page.element);
  void pollRuns(signal, (message) => page.update(message));
}

class RunsPage {
  readonly element: HTMLElement;
  #message: RunsMessage | undefined;
  readonly #count = h("p", { role: "status" }, "Reading outputs/ …");
  readonly #sweeps = h("div");
  readonly #columns = h("div", { class: "choices" });
  readonly #compare = h("a", { class: "button" });
  readonly #head = h("tr");
  readonly #body = h("tbody");
  readonly #rows = new RowList(this.#body, compared, () => this.#showCompare());
  readonly #empty = h("p", { hidden: true });
  #shownHead = "";

  constructor() {
    this.element = h(
      "div",
      {},
      h("h1", {}, "Runs"),
      this.#controls(),
      this.#sweeps,
      this.#count,
      h(
        "div",
        { class: "wide", tabindex: 0, role: "region", "aria-label": "Table of runs" },
        h(
          "table",
          { class: "runs" },
          h("caption", { class: "hidden" }, "Runs; the headings' buttons sort them"),
          h("thead", {}, this.#head),
          this.#body,
        ),
      ),
      this.#empty,
    );
    this.#showCompare();
  }

  update(message: RunsMessage): void {
    this.#message = message;
    const there = new Set(message.runs.map(({ name }) => name));
    for (const name of compared) if (!there.has(name)) compared.delete(name);
    this.#showCompare();
    this.#sweeps.replaceChildren(...sweepTable(message.sweeps, (name) => this.#filter(`${name}/`)));
    this.#show();
  }

  #controls(): HTMLElement {
    const words = h("input", {
      id: "words",
      type: "search",
      value: choice.words,
      autocomplete: "off",
      spellcheck: "false",
      placeholder: "name, state or train.epochs=3",
      oninput: () => this.#choose({ words: words.value }),
    });
    const state = h(
      "select",
      { id: "state", onchange: () => this.#choose({ state: state.value }) },
      h("option", { value: "" }, "any"),
      ...STATES.map((word) => h("option", { value: word, selected: word === choice.state }, word)),
    );
    this.#filter = (text) => {
      words.value = text;
      this.#choose({ words: text });
      words.focus();
    };
    return h(
      "div",
      { class: "controls", role: "search" },
      h("div", {}, h("label", { for: "words" }, "Filter"), words),
      h("div", {}, h("label", { for: "state" }, "State"), state),
      h("details", {}, h("summary", {}, "Parameters"), this.#columns),
      this.#compare,
    );
  }

  #filter: (text: string) => void = () => {};

  #choose(change: Partial<Choice>): void {
    choice = { ...choice, ...change };
    this.#show();
  }

  #show(): void {
    if (this.#message === undefined) return;
    const { runs, columns } = this.#message;
    const shown = choose(runs, columns, choice);
    const differ = differing(shown, columns);
    const chosen = differ.filter((path, i) => switched.get(path) ?? i < FIRST_COLUMNS);
    this.#showColumns(differ, chosen);
    const all = [...FIXED, ...chosen.map((path) => parameterColumn(path, columns.indexOf(path)))];
    this.#showHead(all);
    this.#rows.show(shown, all);
    const working = runs.filter(({ state }) => state === "running").length;
    const text = [
      shown.length === runs.length
        ? count(runs.length, "run")
        : `${shown.length} of ${count(runs.length, "run")}`,
      `${working} at work`,
      differ.length === 0
        ? "no parameter differs"
        : `${count(differ.length, "parameter")} ${differ.length === 1 ? "differs" : "differ"}`,
    ].join(", ");
    if (this.#count.textContent !== text) this.#count.textContent = text;
    this.#empty.hidden = shown.length > 0;
    this.#empty.textContent = runs.length === 0
      ? "There is no run in outputs/ yet: deno task run configs/quickstart.yaml makes one."
      : "No run meets the filter.";
  }

  #showHead(columns: readonly Column[]): void {
    const { by, down } = choice.order;
    const key = JSON.stringify([columns.map(({ id }) => id), by, down]);
    if (key === this.#shownHead) return; // a button that has the focus stays
    this.#shownHead = key;
    const focused = document.activeElement?.closest("th")?.dataset.column;
    this.#head.replaceChildren(
      h("th", { scope: "col" }, h("span", { class: "hidden" }, "Compare")),
      ...columns.map((column) => this.#heading(column)),
    );
    if (focused === undefined) return;
    for (const heading of this.#head.children) {
      if ((heading as HTMLElement).dataset.column !== focused) continue;
      heading.querySelector("button")?.focus();
    }
  }

  #heading({ id, title, numeric, sorts = true }: Column): HTMLElement {
    const { by, down } = choice.order;
    const own = by === id;
    const sort = () => {
      this.#choose({ order: { by: id, down: own ? !down : numeric === true } });
      announce(`Sorted by ${title}, ${choice.order.down ? "descending" : "ascending"}`);
    };
    return h(
      "th",
      {
        scope: "col",
        "data-column": id,
        class: numeric ? "number" : null,
        "aria-sort": own ? (down ? "descending" : "ascending") : null,
      },
      sorts
        ? h("button", { type: "button", onclick: sort }, title, own && (down ? " ▼" : " ▲"))
        : title,
    );
  }

  #showColumns(differ: readonly string[], chosen: readonly string[]): void {
    const key = JSON.stringify([differ, chosen]);
    if (this.#columns.dataset.key === key) return;
    const focused = document.activeElement?.id;
    this.#columns.dataset.key = key;
    const boxes = differ.map((path) => {
      const box = h("input", {
        type: "checkbox",
        id: `column-${path}`,
        checked: chosen.includes(path),
        onchange: () => {
          switched.set(path, box.checked);
          this.#show();
        },
      });
      return h("label", {}, box, path);
    });
    this.#columns.replaceChildren(
      ...boxes.length > 0 ? boxes : [h("p", {}, "All parameters are the same in these runs.")],
    );
    if (focused?.startsWith("column-")) document.getElementById(focused)?.focus();
  }

  #showCompare(): void {
    const names = [...compared];
    const possible = names.length >= 2 && names.length <= MOST_CURVES;
    this.#compare.textContent = names.length > MOST_CURVES
      ? `Compare: ${MOST_CURVES} at most, ${names.length} are ticked`
      : names.length < 2
      ? "Compare: tick two runs or more"
      : `Compare ${names.length} runs`;
    if (possible) this.#compare.setAttribute("href", compareLink(names));
    else this.#compare.removeAttribute("href");
    this.#compare.classList.toggle("off", !possible);
  }
}

function count(number: number, word: string): string {
  return `${number} ${word}${number === 1 ? "" : "s"}`;
}

function sweepTable(sweeps: readonly SweepRow[], filter: (name: string) => void): HTMLElement[] {
  if (sweeps.length === 0) return [];
  const rows = sweeps.map(({ name, state, points, best, validation }) => [
    h("button", { type: "button", class: "link", onclick: () => filter(name) }, name),
    state,
    points,
    best ?? "",
    formatShare(validation),
  ]);
  return [table({
    caption: "Sweeps; a name shows its points below",
    head: ["Sweep", "State", "Points", "Best point", "Its validation accuracy"],
    rows,
    numeric: [2, 4],
  })];
}
