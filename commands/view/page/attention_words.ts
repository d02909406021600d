/// <reference lib="dom" />
import type { AttentionData, MapKind } from "./attention_data.ts";
import { h, table } from "./dom.ts";
import { formatShare } from "./format.ts";

/** What is chosen. */
export interface Chosen {
  readonly image: number;
  readonly kind: MapKind;
  /** From 0, as everywhere: the lowest. */
  readonly block: number;
  /** From 0; undefined for the mean of all. */
  readonly head: number | undefined;
  /** Whose attention is shown: a token, those that are no patches first. */
  readonly token: number;
  /** The patch that was clicked last. */
  readonly patch: number | undefined;
}

/** What the map is of, and what it comes to. */
export function sayWhere(
  data: AttentionData,
  chosen: Chosen,
  patches: ArrayLike<number>,
  row: ArrayLike<number> | undefined,
): HTMLElement[] {
  const { about } = data.message;
  const { image, kind, block, head, token, patch } = chosen;
  const { label, predicted, probability, high_norm: high = [] } = about.images[image];
  const names = tokenNames(data);
  const what = kind === "weights"
    ? `Block ${block}, ${head === undefined ? "mean of the heads" : `head ${head}`}: ` +
      `attention of ${names[token]}.`
    : kind === "rollout"
    ? "Rollout: attention followed through all blocks to the class token."
    : "Gradient-weighted relevance: what of the image speaks for the class.";
  const most = Math.max(...Array.from(patches));
  const even = 1 / (row?.length ?? patches.length);
  const lines = [
    `${about.classes[label]}, predicted ${about.classes[predicted]} (${formatShare(probability)}).`,
    what,
    `The more colour, the more weight. The patch with most has ${formatShare(most, 2)}, an even ` +
    `spread would give each ${formatShare(even, 2)}.`,
    row && data.prefix > 0 &&
    `To no patch: ${
      names.slice(0, data.prefix)
        .map((name, i) => `${name} ${formatShare(row[i], 2)}`).join(", ")
    }.`,
    patch !== undefined &&
    `${names[data.prefix + patch]} has ${formatShare(patches[patch], 2)}.`,
    high.length > 0 && `Dashed: ${high.length} patches whose token is of high norm.`,
  ];
  return [
    ...lines.filter((line) => typeof line === "string").map((line) => h("p", {}, line)),
    h("p", { class: "scale" }, h("span", {}, "0%"), h("span"), h("span", {}, formatShare(most, 2))),
  ];
}

/** The patches that have most of a map. */
export function largestTable(data: AttentionData, patches: ArrayLike<number>): HTMLElement {
  const names = tokenNames(data).slice(data.prefix);
  const order = names.map((_, i) => i).toSorted((a, b) => patches[b] - patches[a]).slice(0, 8);
  return table({
    caption: "Patches with most",
    head: ["Patch", "Share"],
    rows: order.map((i) => [names[i], formatShare(patches[i], 2)]),
    numeric: [1],
  });
}

/** A name for each token, those that are no patches first. */
export function tokenNames(data: AttentionData): string[] {
  const { grid: [down, across] } = data.message.about;
  return [
    ...Array.from(
      { length: data.prefix },
      (_, i) => i === 0 ? "the class token" : `register ${i}`,
    ),
    ...Array.from(
      { length: down * across },
      (_, i) => `row ${Math.floor(i / across) + 1}, column ${i % across + 1}`,
    ),
  ];
}
