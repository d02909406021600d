import type { Artifact } from "../../../stages/stage.ts";
import { makeArtifact } from "../artifact.ts";
import { images, type Shape } from "./shape.ts";

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
