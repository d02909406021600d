/// <reference lib="dom" />
import { h } from "./dom.ts";
import { formatShare } from "./format.ts";

/** Draws an image of `[height, width, 3]` bytes. */
export function paint(
  canvas: HTMLCanvasElement,
  pixels: Uint8Array,
  [height, width]: readonly [number, number],
): void {
  canvas.width = width;
  canvas.height = height;
  const image = new ImageData(width, height);
  for (let i = 0; i < width * height; i++) {
    image.data.set(pixels.subarray(i * 3, i * 3 + 3), i * 4);
    image.data[i * 4 + 3] = 255;
  }
  canvas.getContext("2d")!.putImageData(image, 0, 0);
}

/** How much of the colour the patch of most weight has; what it shows stays to be seen. */
const STRONGEST = 0.85;

/**
 * An image with its patches over it, each a cell that can be chosen by a click or by the arrow keys.
 * The image is grey, and a patch has the more colour the more weight the map gives it: brightness would
 * not do, as a dark patch of much weight would look like a bright one of little.
 */
export class PatchGrid {
  readonly element: HTMLElement;
  readonly #canvas = h("canvas", { "aria-hidden": "true" });
  readonly #cells: HTMLElement[] = [];
  readonly #grid: readonly [down: number, across: number];
  readonly #choose: (patch: number) => void;
  #at = 0;

  /** @param choose Told which patch was chosen, counted row by row. */
  constructor(grid: readonly [number, number], choose: (patch: number) => void) {
    this.#grid = grid;
    this.#choose = choose;
    const [down, across] = grid;
    const rows = Array.from({ length: down }, (_, row) =>
      h(
        "div",
        { role: "row" },
        ...Array.from({ length: across }, (_, column) => {
          const patch = row * across + column;
          const cell = h("div", {
            role: "gridcell",
            tabindex: patch === 0 ? 0 : -1,
            onclick: () => this.#go(patch),
          });
          this.#cells.push(cell);
          return cell;
        }),
      ));
    const cells = h(
      "div",
      {
        role: "grid",
        "aria-label": "Patches of the image; the arrow keys choose one",
        onkeydown: (event) => this.#key(event as KeyboardEvent),
      },
      ...rows,
    );
    this.element = h("div", { class: "patches" }, this.#canvas, cells);
    // The page's policy lets no element bring a style of its own; its module may set one.
    this.element.style.setProperty("--across", String(across));
    this.element.style.setProperty("--down", String(down));
  }

  paint(pixels: Uint8Array, size: readonly [number, number]): void {
    paint(this.#canvas, pixels, size);
    this.element.style.setProperty("--ratio", `${size[1]} / ${size[0]}`);
  }

  /**
   * Shows a map. @param weights By patch.
   * @param chosen Patch that is marked; none where it is undefined.
   */
  show(weights: ArrayLike<number>, chosen: number | undefined, marked: readonly number[]): void {
    const most = Math.max(...Array.from(weights), Number.MIN_VALUE);
    const across = this.#grid[1];
    for (const [i, cell] of this.#cells.entries()) {
      cell.style.setProperty("--heat", (STRONGEST * weights[i] / most).toFixed(3));
      const place = `row ${Math.floor(i / across) + 1}, column ${i % across + 1}`;
      const high = marked.includes(i) ? ", token of high norm" : "";
      cell.setAttribute("aria-label", `${place}: ${formatShare(weights[i], 2)}${high}`);
      cell.setAttribute("aria-selected", String(i === chosen));
      cell.title = `${place}: ${formatShare(weights[i], 2)}${high}`;
      cell.classList.toggle("high", marked.includes(i));
    }
  }

  #key(event: KeyboardEvent): void {
    const [down, across] = this.#grid;
    const [row, column] = [Math.floor(this.#at / across), this.#at % across];
    const to: Readonly<Record<string, [number, number]>> = {
      ArrowUp: [row - 1, column],
      ArrowDown: [row + 1, column],
      ArrowLeft: [row, column - 1],
      ArrowRight: [row, column + 1],
      Home: [row, 0],
      End: [row, across - 1],
      Enter: [row, column],
      " ": [row, column],
    };
    if (!Object.hasOwn(to, event.key) || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    const [y, x] = to[event.key];
    if (y < 0 || y >= down || x < 0 || x >= across) return;
    this.#go(y * across + x);
  }

  #go(patch: number): void {
    this.#cells[this.#at].tabIndex = -1;
    this.#at = patch;
    this.#cells[patch].tabIndex = 0;
    this.#cells[patch].focus();
    this.#choose(patch);
  }
}
