import type { TensorToWrite } from "../../base/safetensors.ts";
import type { Artifact } from "../../stages/stage.ts";
import { makeArtifact } from "./artifact.ts";

/** What a made-up run is like. */
export interface Shape {
  readonly classes: readonly string[];
  readonly side: number;
  readonly patch: number;
  readonly blocks: number;
  readonly heads: number;
  readonly epochs: number;
  readonly steps: number;
  readonly validation: boolean;
  readonly mistakes: number;
}

export const ORDINARY: Shape = {
  classes: ["cat", "dog", "frog"],
  side: 16,
  patch: 4,
  blocks: 2,
  heads: 3,
  epochs: 3,
  steps: 12,
  validation: true,
  mistakes: 2,
};

/** Pictures of slanted stripes: `[count, side, side, 3]`, no two alike. */
function images(count: number, side: number): Uint8Array {
  return Uint8Array.from(
    { length: count * side * side * 3 },
    (_, i) => (i * 7 + Math.floor(i / (side * side * 3)) * 50) % 256,
  );
}

/** A positive pattern whose rows of `length` add up to less than 1. */
function weights(rows: number, length: number): Float32Array {
  return Float32Array.from(
    { length: rows * length },
    (_, i) => (1 + (i * 5) % 11) / (12 * length),
  );
}

function statistics(from: number, to: number) {
  const channel = (first: number) => [first, first + 1, first + 2];
  return {
    mean: channel(from),
    std: channel(1),
    minimum: [from, from, from],
    maximum: [to, to, to],
    histogram: { from, to, counts: [[4, 2, 6, 1], [1, 5, 3, 4], [2, 2, 7, 2]] },
  };
}

export function madeUpData({ classes, side, patch, validation }: Shape): Promise<Artifact> {
  const shown = Math.min(10, classes.length);
  return makeArtifact("preprocess", {
    "dataset.json": {
      name: "made-up",
      classes,
      sizes: {
        train: 6 * classes.length,
        validation: validation ? 2 * classes.length : 0,
        test: 3 * classes.length,
      },
      splits: {
        train: classes.map(() => 6),
        validation: classes.map(() => validation ? 2 : 0),
        test: classes.map(() => 3),
      },
      stored: { height: side / 2, width: side / 2 },
      transform: {
        image_size: [side, side],
        resample: "bilinear",
        resize: { height: side, width: side },
        crop: false,
        applied: false,
        rescale_factor: 1 / 255,
        mean: [0.5, 0.5, 0.5],
        std: [0.5, 0.5, 0.5],
        patch_size: [patch, patch],
      },
      statistics: { before: statistics(0, 255), after: statistics(-1, 1) },
    },
  }, {
    "samples.safetensors": {
      ...Object.fromEntries(Array.from({ length: shown }, (_, i) => [`before.${i}`, {
        dtype: "U8" as const,
        // Images of a folder differ in size.
        shape: [side / 2, side / 2 + i % 2, 3],
        data: images(1, side).subarray(i, i + side / 2 * (side / 2 + i % 2) * 3),
      }])),
      after: { dtype: "U8", shape: [shown, side, side, 3], data: images(shown, side) },
      labels: {
        dtype: "I32",
        shape: [shown],
        data: Int32Array.from({ length: shown }, (_, i) => i),
      },
    },
  });
}

function parts({ blocks, classes }: Shape) {
  return [
    { name: "embeddings", parameters: 500, tensors: 4 },
    ...Array.from({ length: blocks }, (_, i) => ({
      name: `block ${i}`,
      parameters: 2000,
      tensors: 16,
    })),
    { name: "norm", parameters: 32, tensors: 2 },
    { name: "head", parameters: 17 * classes.length, tensors: 2 },
  ];
}

export function madeUpModel(shape: Shape): Promise<Artifact> {
  const { side, patch, blocks, heads, classes } = shape;
  const patches = (side / patch) ** 2;
  const all = parts(shape);
  return makeArtifact("load-pretrained", {
    "parameters.json": {
      family: "vit",
      total: all.reduce((sum, part) => sum + part.parameters, 0),
      parts: all,
      architecture: {
        image_size: [side, side],
        patch_size: [patch, patch],
        tokens: patches + 1,
        hidden_size: 16,
        blocks,
        heads,
        intermediate_size: 64,
        hidden_act: "gelu",
        layer_norm_eps: 1e-12,
      },
      head: { source: "new", classes: classes.length },
    },
  }, {
    "embeddings.safetensors": {
      position_similarity: {
        dtype: "F32",
        shape: [patches, patches],
        data: Float32Array.from(
          { length: patches * patches },
          (_, i) => Math.cos((Math.floor(i / patches) - i % patches) / 5),
        ),
      },
      patch_components: {
        dtype: "F32",
        shape: [4, patch, patch, 3],
        data: weights(4, patch * patch * 3),
      },
      explained_variance: { dtype: "F32", shape: [4], data: Float32Array.of(0.5, 0.25, 0.1, 0.05) },
    },
  });
}

export function madeUpFreezing(shape: Shape): Promise<Artifact> {
  return makeArtifact("freeze", {
    "trainable.json": {
      // Out of order, as a checkpoint may have them.
      tensors: parts(shape).toReversed().map(({ name, parameters }) => ({
        name: `${name}.weight`,
        shape: [parameters],
        part: name,
        status: name === "embeddings" || name === "block 0" ? "frozen" : "trainable",
      })),
      frozen: 2500,
      trainable: 1,
      features: null,
      of: { data: "0".repeat(64), model: "1".repeat(64) },
      reason: "features: off",
    },
  });
}

export function madeUpTraining({ epochs, steps, validation }: Shape): Promise<Artifact> {
  return makeArtifact("train", {
    "history.json": {
      steps: Array.from({ length: steps }, (_, step) => ({
        step,
        learning_rate: 1e-3 * (1 - step / steps),
        loss: 2 / (1 + step),
        grad_norm: 1 + step % 3,
      })),
      epochs: Array.from({ length: epochs }, (_, epoch) => ({
        epoch,
        train_loss: 1 / (1 + epoch),
        train_accuracy: 1 - 0.5 / (1 + epoch),
        validation_loss: validation ? 1.2 / (1 + epoch) : null,
        validation_accuracy: validation ? 1 - 0.6 / (1 + epoch) : null,
      })),
    },
  });
}

export function madeUpProbe({ classes, validation }: Shape): Promise<Artifact> {
  return makeArtifact("linear-probe", {
    "probe.json": {
      images: { train: 6 * classes.length, validation: validation ? 2 * classes.length : 0 },
      features: 32,
      l2: 0.001,
      iterations: 17,
      converged: true,
      largest_gradient: 9e-6,
      objective: 0.75,
      train_loss: 0.5,
      train_accuracy: 5 / 6,
      validation_loss: validation ? 0.75 : null,
      validation_accuracy: validation ? 0.5 : null,
    },
  });
}

/** Logits of three images a class; the third is taken for the next class. */
function predictions(classes: number): Record<string, TensorToWrite> {
  const labels = Int32Array.from({ length: 3 * classes }, (_, i) => Math.floor(i / 3));
  const logits = new Float32Array(labels.length * classes);
  labels.forEach((label, i) => {
    logits[i * classes + (i % 3 === 2 ? (label + 1) % classes : label)] = 1;
  });
  return {
    logits: { dtype: "F32", shape: [labels.length, classes], data: logits },
    labels: { dtype: "I32", shape: [labels.length], data: labels },
  };
}

/** Of each class 3 images: 2 are right, 1 is taken for the next class. */
export function madeUpTest({ classes, side, mistakes }: Shape): Promise<Artifact> {
  const n = classes.length;
  return makeArtifact(
    "evaluate",
    {
      "metrics.json": {
        images: 3 * n,
        loss: 0.9,
        accuracy: 2 / 3,
        top5_accuracy: n > 5 ? 1 : null,
        per_class: classes.map((name) => ({ class: name, images: 3, correct: 2, accuracy: 2 / 3 })),
        confusion: classes.map((_, i) =>
          classes.map((_, j) => i === j ? 2 : j === (i + 1) % n ? 1 : 0)
        ),
        calibration: {
          expected_calibration_error: 0.05,
          bins: [
            { from: 0, to: 0.5, images: 0, confidence: null, accuracy: null },
            { from: 0.5, to: 1, images: 3 * n, confidence: 0.71, accuracy: 2 / 3 },
          ],
        },
        mistakes: Array.from({ length: mistakes }, (_, i) => ({
          index: i,
          label: i % n,
          predicted: (i + 1) % n,
          confidence: 0.9 - i / 100,
        })),
      },
    },
    {
      "predictions.safetensors": predictions(n),
      ...(mistakes === 0 ? {} : {
        "mistakes.safetensors": {
          images: { dtype: "U8", shape: [mistakes, side, side, 3], data: images(mistakes, side) },
        },
      }),
    },
  );
}

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

/** Every kind of stage, with its artifact and its figures. */
export const STAGES = {
  "preprocess": madeUpData,
  "load-pretrained": madeUpModel,
  "freeze": madeUpFreezing,
  "train": madeUpTraining,
  "linear-probe": madeUpProbe,
  "evaluate": madeUpTest,
  "visualize": madeUpAttention,
} as const;
