import type { Artifact } from "../../../stages/stage.ts";
import { makeArtifact } from "../artifact.ts";
import { images, type Shape, weights } from "./shape.ts";

function madeUpFaithfulness() {
  const fractions = [0, 0.25, 0.5, 0.75, 1];
  const measure = (area: number, gain: number | null) => ({
    curve: fractions.map((fraction) => 0.9 - fraction * area),
    area,
    interval: [area - 0.05, area + 0.05],
    gain: gain === null ? null : { mean: gain, interval: [gain - 0.02, gain + 0.02] },
    better_than_random: gain === null ? null : gain > 0.02,
    better_than_center: null,
  });
  return {
    images: 12,
    removed: "mean",
    fractions,
    methods: ["last-block", "rollout", "relevance", "random", "center"].map((method, m) => ({
      method,
      deletion: measure(0.2 + m / 10, method === "random" ? null : 0.1 * (3 - m)),
      insertion: measure(0.6 - m / 10, method === "random" ? null : 0.1 * (3 - m)),
      better_than_random: method === "random" ? null : m < 3,
    })),
  };
}

export function madeUpAttention(shape: Shape): Promise<Artifact> {
  const { classes, side, patch, blocks, heads } = shape;
  const across = side / patch;
  const byHead = (scale: number) =>
    Array.from(
      { length: blocks },
      (_, b) => Array.from({ length: heads }, (_, h) => scale * (1 + b + h / heads)),
    );
  return makeArtifact("visualize", {
    "attention.json": {
      classes,
      images: [
        { index: 0, label: 0, predicted: 0, probability: 0.8, other: 1, other_probability: 0.1 },
        { index: 1, label: 1, predicted: 0, probability: 0.6, other: 1, other_probability: 0.4 },
      ],
      image_size: [side, side],
      patch_size: [patch, patch],
      grid: [across, across],
      tokens: 1 + across * across,
      blocks,
      heads,
      measured: 2,
      distance: byHead(3),
      entropy: byHead(0.5),
      before: { distance: byHead(2.5), entropy: byHead(0.6) },
    },
    "faithfulness.json": madeUpFaithfulness(),
    "sanity.json": {
      images: 12,
      shuffled: ["head", "block 1", "block 0", "embeddings"],
      methods: ["last-block", "rollout", "relevance"].map((method, m) => ({
        method,
        correlation: [1, 0.8, 0.3, 0].map((mean) => ({
          mean: mean / (m + 1),
          interval: [mean / (m + 1) - 0.1, mean / (m + 1) + 0.1],
        })),
      })),
    },
  }, {
    "attention.safetensors": {
      images: { dtype: "U8", shape: [2, side, side, 3], data: images(2, side) },
      last_block: {
        dtype: "F32",
        shape: [2, heads, across * across],
        data: weights(2 * heads, across * across),
      },
      rollout: { dtype: "F32", shape: [2, across * across], data: weights(2, across * across) },
      relevance: { dtype: "F32", shape: [2, across * across], data: weights(2, across * across) },
      relevance_other: {
        dtype: "F32",
        shape: [2, across * across],
        data: weights(2, across * across),
      },
    },
  });
}
