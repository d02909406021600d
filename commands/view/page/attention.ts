/// <reference lib="dom" />
import { Arithmetic } from "./arithmetic.ts";
import { AttentionData, type MapKind } from "./attention_data.ts";
import { askAttention } from "./client.ts";
import { h } from "./dom.ts";
import { type Chosen, largestTable, sayWhere, tokenNames } from "./attention_words.ts";
import { formatShare } from "./format.ts";
import { runLink } from "./links.ts";
import { paint, PatchGrid } from "./picture.ts";

/** Attention of a stage, to be explored: an image, a block, a head, and from where it looks. */
export async function showAttention(
  place: HTMLElement,
  query: URLSearchParams,
  signal: AbortSignal,
): Promise<void> {
  const [run, stage] = [query.get("name") ?? "", query.get("stage") ?? ""];
  const data = new AttentionData(run, stage, await askAttention(run, stage));
  if (signal.aborted) return;
  const page = new AttentionPage(data);
  place.append(
    h("h1", {}, `Where ${run} looks`),
    h(
      "p",
      { class: "links" },
      h("a", { href: runLink(run) }, run),
      h("a", { href: "#/" }, "All runs"),
    ),
    page.element,
  );
  await page.show();
}

class AttentionPage {
  readonly element: HTMLElement;
  readonly #data: AttentionData;
  #chosen: Chosen;
  readonly #grid: PatchGrid;
  readonly #controls = h("div", { class: "controls" });
  readonly #says = h("div", { role: "status" });
  readonly #largest = h("div");
  readonly #missing = h("p", { class: "note" });
  readonly #arithmetic = new Arithmetic();
  readonly #calculation: HTMLElement;
  readonly #images: HTMLElement;
  #turn = 0;

  constructor(data: AttentionData) {
    this.#data = data;
    const { about } = data.message;
    this.#chosen = {
      ...{ image: 0, kind: "weights", block: about.blocks - 1, head: undefined },
      ...{ token: 0, patch: undefined },
    };
    this.#grid = new PatchGrid(about.grid, (patch) => this.#choosePatch(patch));
    this.#images = this.#imageChoice();
    this.#calculation = h(
      "section",
      {},
      h("h2", {}, "The arithmetic of this head"),
      this.#arithmetic.element,
    );
    this.element = h(
      "div",
      {},
      this.#images,
      this.#controls,
      this.#missing,
      h("div", { class: "look" }, this.#grid.element, h("div", {}, this.#says, this.#largest)),
      this.#calculation,
    );
  }

  /** Shows what is chosen, unless something else is chosen meanwhile. */
  async show(): Promise<void> {
    const turn = ++this.#turn;
    const data = this.#data;
    const { about } = data.message;
    const { image, kind, block, head, token, patch } = this.#chosen;
    const all = data.hasAll(image);
    const [pixels, shown] = await Promise.all([
      data.pixels(image),
      kind === "weights" ? data.weights(image, block, head, token) : data.map(kind, image),
    ]);
    if (turn !== this.#turn) return;
    this.#showControls();
    const whole = kind === "weights" && all;
    const patches = whole ? shown.subarray(data.prefix) : shown;
    this.#grid.paint(pixels, about.image_size);
    this.#grid.show(patches, patch, about.images[image].high_norm ?? []);
    this.#says.replaceChildren(...sayWhere(data, this.#chosen, patches, whole ? shown : undefined));
    this.#largest.replaceChildren(largestTable(data, patches));
    this.#missing.textContent = all
      ? ""
      : "Of this image only the last block's class token is here, and what it gives to patches. " +
        "Every block's weights, for every patch, are stored of as many images as visualize's " +
        "raw_attention has room for.";
    this.#missing.hidden = all;
    await this.#showArithmetic(turn, shown);
  }

  async #showArithmetic(turn: number, weights: Float32Array): Promise<void> {
    const { image, kind, block, head, token } = this.#chosen;
    this.#calculation.hidden = kind !== "weights" || head === undefined;
    if (kind !== "weights" || head === undefined) return;
    const data = this.#data;
    const all = data.hasAll(image);
    const names = tokenNames(this.#data);
    const numbers = {
      tokens: all ? names : names.slice(data.prefix),
      asking: names[token],
      complete: all,
      weights,
    };
    if (!all || !data.hasVectors(image)) return this.#arithmetic.show(numbers);
    const [queries, keys, values] = await Promise.all(
      (["queries", "keys", "values"] as const).map((name) =>
        data.vectors(name, image, block, head)
      ),
    );
    if (turn !== this.#turn) return;
    const query = queries[token];
    const divisor = Math.sqrt(query.length);
    this.#arithmetic.show({ ...numbers, vectors: { query, keys, values, divisor } });
  }

  #choose(change: Partial<Chosen>): void {
    const chosen = { ...this.#chosen, ...change };
    const { about } = this.#data.message;
    // What is not there cannot be chosen.
    if (!this.#data.hasAll(chosen.image)) {
      this.#chosen = { ...chosen, block: about.blocks - 1, token: 0 };
    } else this.#chosen = chosen;
    if (!this.#data.kinds(chosen.image).some(([kind]) => kind === chosen.kind)) {
      this.#chosen = { ...this.#chosen, kind: "weights" };
    }
    void this.show();
  }

  #choosePatch(patch: number): void {
    const { kind, image } = this.#chosen;
    const asks = kind === "weights" && this.#data.hasAll(image);
    this.#choose({ patch, ...(asks ? { token: this.#data.prefix + patch } : {}) });
  }

  #imageChoice(): HTMLElement {
    const { about } = this.#data.message;
    return h(
      "fieldset",
      { class: "images" },
      h("legend", {}, "Image"),
      ...about.images.map(({ label, predicted, probability }, i) => {
        const canvas = h("canvas", { "aria-hidden": "true" });
        void this.#data.pixels(i).then((pixels) => paint(canvas, pixels, about.image_size));
        const words = `${about.classes[label]}, predicted ${about.classes[predicted]}, ${
          formatShare(probability)
        }`;
        return h(
          "label",
          { title: words },
          h("input", {
            type: "radio",
            name: "image",
            checked: i === 0,
            onchange: () => this.#choose({ image: i }),
          }),
          canvas,
          h("span", {}, words),
        );
      }),
    );
  }

  #showControls(): void {
    const { about } = this.#data.message;
    const { image, kind, block, head, token } = this.#chosen;
    const all = this.#data.hasAll(image);
    const focused = document.activeElement?.id;
    const select = (
      id: string,
      label: string,
      options: readonly (readonly [value: string, text: string])[],
      value: string,
      choose: (value: string) => void,
    ) => {
      const made = h(
        "select",
        { id, onchange: () => choose(made.value) },
        ...options.map(([value, text]) => h("option", { value }, text)),
      );
      made.value = value;
      return h("div", {}, h("label", { for: id }, label), made);
    };
    const count = (n: number) => Array.from({ length: n }, (_, i) => i);
    const blocks = all ? count(about.blocks) : [about.blocks - 1];
    const names = tokenNames(this.#data);
    const asking = all ? names : names.slice(0, 1);
    const ofHead = kind === "weights";
    this.#controls.replaceChildren(...[
      select("kind", "Map", this.#data.kinds(image), kind, (value) => {
        this.#choose({ kind: value as MapKind });
      }),
      ...(ofHead
        ? [
          select(
            "block",
            "Block",
            blocks.map((
              i,
            ) => [String(i), i === about.blocks - 1 ? `${i}, the highest` : String(i)]),
            String(block),
            (value) => this.#choose({ block: Number(value) }),
          ),
          select(
            "head",
            "Head",
            [
              ["", "mean of all"],
              ...count(about.heads).map((i) => [String(i), String(i)] as const),
            ],
            head === undefined ? "" : String(head),
            (value) => this.#choose({ head: value === "" ? undefined : Number(value) }),
          ),
          select(
            "token",
            "Looking from",
            asking.map((name, i) => [String(i), name]),
            String(token),
            (value) => {
              const from = Number(value) - this.#data.prefix;
              this.#choose({ token: Number(value), patch: from < 0 ? undefined : from });
            },
          ),
        ]
        : []),
    ]);
    if (focused) document.getElementById(focused)?.focus();
  }
}
