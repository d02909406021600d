/// <reference lib="dom" />
import { h } from "./dom.ts";
import type { Line } from "./fold.ts";

/** What the stages said, the last line last. */
export class LogView {
  readonly element: HTMLElement;
  readonly #lines = h("ol", { class: "log" });
  readonly #box = h(
    "div",
    { class: "wide log-box", tabindex: 0, role: "log", "aria-label": "What the stages said" },
    this.#lines,
  );
  #shown: readonly Line[] = [];

  constructor() {
    this.element = h("section", { hidden: true }, h("h2", {}, "Log"), this.#box);
  }

  show(lines: readonly Line[]): void {
    this.element.hidden = lines.length === 0;
    const goesOn = this.#shown.length <= lines.length &&
      this.#shown.every(({ time, text }, i) => time === lines[i].time && text === lines[i].text);
    if (!goesOn) this.#lines.replaceChildren();
    const from = this.#lines.children.length;
    if (from === lines.length) return;
    // Whoever has scrolled up to read stays there.
    const { scrollTop, scrollHeight, clientHeight } = this.#box;
    const atEnd = scrollTop + clientHeight >= scrollHeight - 4;
    this.#lines.append(...lines.slice(from).map(lineOf));
    this.#shown = lines;
    if (atEnd) this.#box.scrollTop = this.#box.scrollHeight;
  }
}

function lineOf({ time, stage, text, warning }: Line): HTMLElement {
  const clock = new Date(time).toLocaleTimeString("sv-SE");
  return h(
    "li",
    { class: warning ? "warning" : null },
    h("time", { datetime: time }, clock),
    ` ${stage === null ? "" : `${stage}: `}${warning ? "Warning: " : ""}${text}`,
  );
}
