/// <reference lib="dom" />
import { backwards, forwards, type HeadNumbers, largest, type Step } from "./arithmetic_steps.ts";
import { h } from "./dom.ts";

/** Goes through the arithmetic of one head, step by step, with the numbers of the run. */
export class Arithmetic {
  readonly element: HTMLElement;
  readonly #place = h("div", { class: "step" });
  readonly #list = h("ol", { class: "steps" });
  readonly #back = h("button", { type: "button", onclick: () => this.#go(this.#at - 1) }, "Back");
  readonly #next = h("button", { type: "button", onclick: () => this.#go(this.#at + 1) }, "Next");
  #steps: readonly Step[] = [];
  #at = 0;
  #token: number | undefined;
  #numbers: HeadNumbers | undefined;

  constructor() {
    this.element = h(
      "div",
      { class: "arithmetic" },
      this.#list,
      h("div", { class: "controls" }, this.#back, this.#next),
      this.#place,
    );
  }

  show(numbers: HeadNumbers): void {
    if (this.#token !== undefined && this.#token >= numbers.tokens.length) this.#token = undefined;
    this.#numbers = numbers;
    this.#render();
  }

  #render(): void {
    const numbers = this.#numbers!;
    const token = this.#token ?? largest(numbers.weights);
    const choose = (token: number) => {
      this.#token = token;
      this.#render();
      this.#place.querySelector("select")?.focus();
    };
    this.#steps = numbers.vectors === undefined
      ? backwards(numbers)
      : forwards(numbers, numbers.vectors, token, choose);
    this.#go(Math.min(this.#at, this.#steps.length - 1));
  }

  #go(to: number): void {
    if (to < 0 || to >= this.#steps.length) return;
    this.#at = to;
    this.#list.replaceChildren(
      ...this.#steps.map(({ title }, i) => {
        const current = i === to ? "step" : null;
        const go = () => {
          this.#go(i);
          this.#list.querySelectorAll("button")[i].focus();
        };
        return h(
          "li",
          {},
          h(
            "button",
            { type: "button", class: "link", "aria-current": current, onclick: go },
            title,
          ),
        );
      }),
    );
    // Not disabled: what has the focus must not lose it.
    this.#back.setAttribute("aria-disabled", String(to === 0));
    this.#next.setAttribute("aria-disabled", String(to === this.#steps.length - 1));
    const { title, content } = this.#steps[to];
    this.#place.replaceChildren(
      h("h3", {}, `${to + 1}. ${title}`),
      ...content.filter((child) => child instanceof Node),
    );
  }
}
