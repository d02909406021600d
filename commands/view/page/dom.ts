/// <reference lib="dom" />

/** What an element is given: attributes as they are written in HTML, and `on…` listeners. */
type Given = Readonly<
  Record<string, string | number | boolean | null | undefined | ((event: Event) => void)>
>;

/** What goes into an element; nothing for what is not there. */
export type Child = Node | string | number | null | undefined | false;

const SVG = "http://www.w3.org/2000/svg";

/** Makes an HTML element. Text is text, never markup. */
export function h<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  given: Given = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[Tag] {
  return fill(document.createElement(tag), given, children);
}

/** Makes an SVG element. */
export function s<Tag extends keyof SVGElementTagNameMap>(
  tag: Tag,
  given: Given = {},
  ...children: readonly Child[]
): SVGElementTagNameMap[Tag] {
  return fill(document.createElementNS(SVG, tag), given, children);
}

function fill<Made extends Element>(
  element: Made,
  given: Given,
  children: readonly Child[],
): Made {
  for (const [name, value] of Object.entries(given)) {
    if (value === null || value === undefined || value === false) continue;
    if (typeof value === "function") element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  for (const child of children) {
    if (child === null || child === undefined || child === false) continue;
    element.append(child instanceof Node ? child : String(child));
  }
  return element;
}

/** The element of an id that index.html has. */
export function element(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`index.html has no "${id}"`);
  return found;
}

/** Tells those who listen to the page what they would otherwise see. */
export function announce(text: string): void {
  element("announcer").textContent = text;
}

/** What a table is made of; a cell is text, or an element. */
export interface TableParts {
  readonly caption: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly Child[])[];
  /** Columns of numbers, from 0: they end where their heading does. */
  readonly numeric?: readonly number[];
  /** Hides the caption from view, where a heading says the same. */
  readonly quiet?: boolean;
}

/** A table in a box that scrolls, by keyboard too; the first cell of a row is its heading. */
export function table({ caption, head, rows, numeric = [], quiet }: TableParts): HTMLElement {
  const side = (column: number) => numeric.includes(column) ? "number" : null;
  return h(
    "div",
    { class: "wide", tabindex: 0, role: "region", "aria-label": caption },
    h(
      "table",
      {},
      h("caption", { class: quiet ? "hidden" : null }, caption),
      h(
        "thead",
        {},
        h("tr", {}, ...head.map((cell, i) => h("th", { scope: "col", class: side(i) }, cell))),
      ),
      h(
        "tbody",
        {},
        ...rows.map((row) =>
          h(
            "tr",
            {},
            ...row.map((cell, i) =>
              i === 0
                ? h("th", { scope: "row", class: side(i) }, cell)
                : h("td", { class: side(i) }, cell)
            ),
          )
        ),
      ),
    ),
  );
}
