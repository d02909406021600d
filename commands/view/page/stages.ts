/// <reference lib="dom" />
import type { ByRole } from "../../../pipeline/roles.ts";
import type { RunMessage } from "../messages.ts";
import { h, s } from "./dom.ts";
import type { LoggedRun, LoggedStage } from "./fold.ts";
import { formatSeconds } from "./format.ts";
import { stateMark, toneOf } from "./marks.ts";

/** Pixels from one arrow's turn to the next. */
const STEP = 11;
/** Pixels between the arrows and the edge. */
const MARGIN = 10;

/** The graph of a run's stages: a row for each, why it ran or did not, and arrows beside the rows. */
export class StageTable {
  readonly element: HTMLElement;
  readonly #body = h("tbody");
  readonly #arrows = s("svg", { class: "arrows", "aria-hidden": "true" });
  readonly #find: (stage: string) => HTMLElement | null;
  readonly #watch = new ResizeObserver(() => this.#draw());
  readonly #rows = new Map<string, { row: HTMLTableRowElement; made: string }>();
  #needs: Readonly<Record<string, ByRole<string>>> = {};

  /** @param find The section of a stage, which its name leads to. */
  constructor(find: (stage: string) => HTMLElement | null) {
    this.#find = find;
    const heads = ["Stage", "Reads", "Status", "Why", "Time"];
    this.element = h(
      "div",
      { class: "wide graph", tabindex: 0, role: "region", "aria-label": "Graph of the stages" },
      this.#arrows,
      h(
        "table",
        { class: "stages" },
        h("caption", { class: "hidden" }, "Stages in order, with what each reads"),
        h("thead", {}, h("tr", {}, ...heads.map((head) => h("th", { scope: "col" }, head)))),
        this.#body,
      ),
    );
    this.#watch.observe(this.#body);
  }

  close(): void {
    this.#watch.disconnect();
  }

  show(run: LoggedRun | undefined, detail: RunMessage, state: string): void {
    const stages = run?.stages ?? [];
    this.#needs = Object.fromEntries(stages.map(({ name }) => [
      name,
      run?.graph?.find((stage) => stage.name === name)?.needs ??
        detail.stages.find((stage) => stage.name === name)?.needs ?? {},
    ]));
    const names = stages.map(({ name }) => name);
    for (const [name, { row }] of this.#rows) {
      if (names.includes(name)) continue;
      row.remove();
      this.#rows.delete(name);
    }
    for (const [i, stage] of stages.entries()) {
      const row = this.#rowOf(stage, state);
      if (this.#body.children[i] !== row) {
        this.#body.insertBefore(row, this.#body.children[i] ?? null);
      }
    }
    this.#draw();
  }

  #rowOf(stage: LoggedStage, state: string): HTMLTableRowElement {
    const needs = Object.entries(this.#needs[stage.name])
      .filter(([, from]) => from.length > 0); // a role that takes many may have none
    // A run whose process is gone is at work at nothing.
    const ended = state !== "running" && ["at work", "waiting"].includes(stage.status);
    const status = ended ? "stopped" : stage.status;
    const made = JSON.stringify([stage, needs, status]);
    const old = this.#rows.get(stage.name);
    if (old?.made === made) return old.row;
    const row = old?.row ?? h("tr", {}, h("th", { scope: "row" }, this.#link(stage.name)));
    row.className = toneOf(status);
    while (row.children.length > 1) row.lastElementChild!.remove();
    row.append(
      h(
        "td",
        {},
        needs.map(([role, from]) => `${role}: ${[from].flat().join(", ")}`).join("; ") || "nothing",
      ),
      h("td", {}, stateMark(status), !ended && stage.progress && progressOf(stage.progress)),
      h("td", {}, stage.reason, stage.error && h("p", { class: "problem" }, stage.error)),
      h("td", { class: "number" }, stage.seconds === null ? "" : formatSeconds(stage.seconds)),
    );
    this.#rows.set(stage.name, { row, made });
    return row;
  }

  #link(name: string): HTMLElement {
    const go = () => {
      const section = this.#find(name);
      section?.scrollIntoView();
      section?.focus({ preventScroll: true });
    };
    return h("button", { type: "button", class: "link", onclick: go }, name);
  }

  /** Draws an arrow from each stage to those that read it, each with a way of its own. */
  #draw(): void {
    const names = [...this.#rows.keys()].filter((name) => name in this.#needs);
    const above = this.#arrows.getBoundingClientRect().top;
    const middle = new Map(names.map((name) => {
      const { top, height } = this.#rows.get(name)!.row.cells[0].getBoundingClientRect();
      return [name, top - above + Math.min(height, 44) / 2];
    }));
    const arrows = names.flatMap((to) =>
      [...new Set(Object.values(this.#needs[to]).flat())].filter((from) => middle.has(from))
        .map((from) => ({ from, to }))
    );
    const order = (name: string) => Math.round(middle.get(name)!);
    const length = ({ from, to }: { from: string; to: string }) => order(to) - order(from);
    const lanes = [...new Set(arrows.toSorted((a, b) => length(a) - length(b)).map(laneOf))];
    const width = MARGIN * 2 + STEP * Math.max(1, lanes.length);
    const end = width - 2;
    this.element.style.setProperty("--arrows", `${width}px`);
    this.#arrows.setAttribute("width", String(width));
    this.#arrows.replaceChildren(
      ...arrows.map((arrow) => {
        const [y1, y2] = [middle.get(arrow.from)! + 4, middle.get(arrow.to)! - 4];
        const x = end - MARGIN - STEP * (lanes.indexOf(laneOf(arrow)) + 0.5);
        return s(
          "g",
          {},
          s("path", {
            d: `M${end},${y1} H${x + 4} Q${x},${y1} ${x},${y1 + 4} V${y2 - 4} Q${x},${y2} ${
              x + 4
            },${y2} H${end - 4}`,
          }),
          s("path", { class: "tip", d: `M${end},${y2} l-7,-4 v8 z` }),
        );
      }),
    );
  }
}

/** Arrows out of one stage share a way. */
function laneOf({ from }: { readonly from: string }): string {
  return from;
}

function progressOf(
  { done, total, unit, detail, rate, left }: NonNullable<LoggedStage["progress"]>,
): HTMLElement {
  const text = [
    `${done.toLocaleString("en")} of ${total.toLocaleString("en")} ${unit}`,
    detail,
    rate > 0 && `${rate >= 10 ? rate.toFixed(0) : rate.toFixed(1)} a second`,
    left !== null && left > 0 && `${formatSeconds(left)} left`,
  ].filter(Boolean).join(", ");
  return h(
    "div",
    { class: "progress" },
    h("progress", { value: done, max: total, "aria-label": `${done} of ${total} ${unit}` }),
    h("span", {}, text),
  );
}
