import type { AttentionFile } from "./files.ts";
import type { DrawnObservation } from "./observe.ts";

/**
 * `discussion.md`: how the model attends to parts of the images. Every sentence carries a number of
 * this run; what the numbers mean is said only where they differ enough to mean something.
 */
export function discuss(attention: AttentionFile, seen: readonly DrawnObservation[]): string {
  return [
    "# How the model attends to parts of the images",
    "",
    ...byBlock(attention),
    "",
    ...byImage(attention, seen),
    "",
    "## What this can't tell",
    "",
    `The maps are of ${count(attention.images.length, "image")} and the means of ${
      count(attention.measured, "image")
    }. Attention says from where a block takes what it mixes, on a grid of ${
      attention.grid.join(" by ")
    } patches of ${
      attention.patch_size.join(" by ")
    } pixels; it does not say that the class depends on it.`,
    "",
  ].join("\n");
}

/** Local or global, sharp or spread: from the lowest block to the highest. */
function byBlock(attention: AttentionFile): string[] {
  const { distance, entropy, blocks, heads, grid, patch_size, tokens } = attention;
  const uniform = Math.log(tokens);
  const evenly = evenDistance(grid, patch_size);
  const d = distance.map(mean);
  const h = entropy.map(mean);
  const top = blocks - 1;
  const flat = distance.flat();
  const shortest = flat.indexOf(Math.min(...flat));
  const longest = flat.indexOf(Math.max(...flat));
  const where = (i: number) => `head ${i % heads} of block ${Math.floor(i / heads)}`;
  const widest = distance.map((row) => Math.max(...row) - Math.min(...row));
  const spread = widest.indexOf(Math.max(...widest));
  return [
    "## From block to block",
    "",
    `In block 0, the lowest, a patch attends ${
      pixels(d[0])
    } away on average over its ${heads} heads, in block ${top}, the highest, ${pixels(d[top])} (${
      comparison(d[top], d[0])
    }). Attending to all patches alike would give ${pixels(evenly)}.`,
    "",
    `The most local is ${where(shortest)} with ${pixels(flat[shortest])}, the most global ${
      where(longest)
    } with ${pixels(flat[longest])}. Heads differ most in block ${spread}: by ${
      pixels(widest[spread])
    } between the nearest and the farthest looking.`,
    "",
    `The entropy of attention goes from ${nats(h[0])} in the lowest block to ${
      nats(h[top])
    } in the highest; attending to all ${tokens} tokens alike would be ${
      nats(uniform)
    }. So a token of the highest block spreads its attention over about ${
      Math.exp(h[top]).toFixed(0)
    } tokens, one of the lowest over about ${Math.exp(h[0]).toFixed(0)}.`,
  ];
}

/** Where each map is bright, and how much of it. */
function byImage(attention: AttentionFile, seen: readonly DrawnObservation[]): string[] {
  const { images, classes, grid, heads } = attention;
  const right = images.filter(({ label, predicted }) => label === predicted).length;
  const patches = grid[0] * grid[1];
  const few = Math.max(1, Math.round(patches / 10));
  const share = seen.map(({ rollout }) => topShare(rollout, few));
  const lines = images.map(({ index, label, predicted, probability }, i) => {
    const peaks = Array.from(
      { length: heads },
      (_, head) => peak(seen[i].lastBlock.subarray(head * patches, (head + 1) * patches)),
    );
    const places = new Set(peaks.map((patch) => place(patch, grid)));
    return `- Image ${index}, ${classes[label]}, taken for ${classes[predicted]} with ${
      percent(probability)
    }: its rollout is strongest ${
      place(peak(seen[i].rollout), grid)
    }, the strongest ${few} of ${patches} patches have ${percent(share[i])} of it; the ${
      count(heads, "head")
    } of the last block have their peaks in ${count(places.size, "part")} of the picture.`;
  });
  return [
    "## Image by image",
    "",
    `${right} of the ${count(images.length, "image")} drawn ${
      right === 1 ? "is" : "are"
    } classified rightly. On average the strongest ${few} of ${patches} patches have ${
      percent(mean(share))
    } of the rollout (${percent(few / patches)} would be even)${middle(seen, grid)}.`,
    "",
    ...lines,
  ];
}

/** How much of the rollout is in the middle; nothing where the grid is too small to have one. */
function middle(seen: readonly DrawnObservation[], grid: readonly number[]): string {
  if (Math.min(...grid) < 4) return "";
  const area = centerArea(grid);
  const share = mean(seen.map(({ rollout }) => centerShare(rollout, grid)));
  return `, and the middle of the picture, ${percent(area)} of its area, has ${percent(share)}: ${
    Math.abs(share - area) < 0.02
      ? "about as much"
      : share > area
      ? "more than its share"
      : "less than its share"
  }`;
}

/** Mean distance over all pairs of patches: what even attention would give, pixels. */
function evenDistance(
  [down, across]: readonly number[],
  [height, width]: readonly number[],
): number {
  let sum = 0;
  const patches = down * across;
  for (let a = 0; a < patches; a++) {
    for (let b = 0; b < patches; b++) {
      sum += Math.hypot(
        (Math.floor(a / across) - Math.floor(b / across)) * height,
        ((a % across) - (b % across)) * width,
      );
    }
  }
  return sum / patches ** 2;
}

const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
const pixels = (x: number) => `${x.toFixed(1)} pixels`;
const nats = (x: number) => `${x.toFixed(2)} nats`;
const percent = (x: number) => `${(100 * x).toFixed(1)}%`;
const count = (n: number, what: string) => `${n} ${what}${n === 1 ? "" : "s"}`;
const peak = (map: Float32Array) => map.indexOf(Math.max(...map));

function comparison(after: number, before: number): string {
  if (before === 0) return "nothing to compare with";
  const change = 100 * (after / before - 1);
  if (Math.abs(change) < 5) return `${Math.abs(change).toFixed(1)}% apart, about the same`;
  return `${Math.abs(change).toFixed(0)}% ${change > 0 ? "farther" : "nearer"}`;
}

function topShare(map: Float32Array, most: number): number {
  const sorted = [...map].sort((a, b) => b - a);
  const sum = (values: number[]) => values.reduce((a, b) => a + b, 0);
  return sum(sorted.slice(0, most)) / sum(sorted);
}

const inCenter = (i: number, n: number) => i >= Math.floor(n / 4) && i < n - Math.floor(n / 4);

function centerShare(map: Float32Array, [down, across]: readonly number[]): number {
  let [inside, all] = [0, 0];
  map.forEach((x, patch) => {
    all += x;
    if (inCenter(Math.floor(patch / across), down) && inCenter(patch % across, across)) inside += x;
  });
  return inside / all;
}

function centerArea([down, across]: readonly number[]): number {
  const side = (n: number) => (n - 2 * Math.floor(n / 4)) / n;
  return side(down) * side(across);
}

/** A patch's place in words, the picture cut into nine parts. */
function place(patch: number, [down, across]: readonly number[]): string {
  const third = (i: number, n: number) => Math.min(2, Math.floor(3 * (i + 0.5) / n));
  const row = third(Math.floor(patch / across), down);
  const column = third(patch % across, across);
  if (row === 1 && column === 1) return "in the middle";
  const vertical = ["top", "middle", "bottom"][row];
  const horizontal = ["left", "centre", "right"][column];
  return `at the ${vertical} ${horizontal}`;
}
