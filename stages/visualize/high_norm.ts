import { HIGH_NORM_RULE, highNorm } from "../../vit/token_norms.ts";
import type { AttentionFile } from "./files.ts";
import type { Observation } from "./observe.ts";

/** What is found of tokens of high norm. */
export interface HighNorm {
  readonly summary: NonNullable<AttentionFile["high_norm"]>;
  /** By image, the patches whose token is one where the last block reads it. */
  readonly patches: readonly number[][];
}

type Seen = Pick<Observation, "norms" | "lastBlock">;

/**
 * Finds tokens of high norm, after every block, and how much attention of the last block's class token
 * those gather that this block reads (Darcet et al. 2024).
 *
 * @param measured What the rule is drawn from, and what is counted.
 * @param drawn Images whose patches are listed.
 */
export function findHighNorm(measured: readonly Seen[], drawn: readonly Seen[]): HighNorm {
  const blocks = measured[0].norms.map((_, block) => {
    const { median, threshold } = highNorm(joined(measured.map(({ norms }) => norms[block])));
    const high = measured.map(({ norms }) => above(norms[block], threshold).length);
    return {
      median,
      threshold,
      tokens: high.reduce((a, b) => a + b, 0),
      images: high.filter((count) => count > 0).length,
    };
  });
  // The last block reads what the one below it gives; a single block reads the embeddings.
  const read = blocks.length - 2;
  const patches = (seen: Seen) => read < 0 ? [] : above(seen.norms[read], blocks[read].threshold);
  return {
    summary: { rule: HIGH_NORM_RULE, blocks, attention: attentionTo(measured, patches) },
    patches: drawn.map(patches),
  };
}

/** Mean weight of a patch of high norm, and of the other patches of the same images. */
function attentionTo(
  measured: readonly Seen[],
  patchesOf: (seen: Seen) => number[],
): HighNorm["summary"]["attention"] {
  const sums = { high: 0, other: 0 };
  const counts = { high: 0, other: 0 };
  for (const seen of measured) {
    const patches = patchesOf(seen);
    if (patches.length === 0) continue;
    const count = seen.norms[0].length;
    seen.lastBlock.forEach((weight, i) => {
      const group = patches.includes(i % count) ? "high" : "other";
      sums[group] += weight;
      counts[group]++;
    });
  }
  if (counts.high === 0 || counts.other === 0) return null;
  return { high: sums.high / counts.high, other: sums.other / counts.other };
}

function above(norms: Float32Array, threshold: number): number[] {
  return [...norms.keys()].filter((patch) => norms[patch] > threshold);
}

function joined(parts: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(parts.length * parts[0].length);
  parts.forEach((part, i) => all.set(part, i * part.length));
  return all;
}
