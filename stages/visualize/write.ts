import { writeSafetensors } from "../../base/safetensors.ts";
import type { PixelBatches } from "../../data/batches.ts";
import { ATTENTION, type AttentionFile } from "./files.ts";
import type { DrawnObservation } from "./observe.ts";
import type { OutputFolder } from "../stage.ts";

/** The maps of the images that are drawn. */
export interface DrawnMaps {
  readonly seen: readonly DrawnObservation[];
  /** For the predicted class, by image `[patches]`. */
  readonly relevance: readonly Float32Array[];
  /** For the second most probable class; undefined where there is one class alone. */
  readonly relevanceOther: readonly Float32Array[] | undefined;
}

/** Writes the maps, and the images as the model saw them. */
export async function writeMaps(
  output: OutputFolder,
  about: AttentionFile,
  { seen, relevance, relevanceOther }: DrawnMaps,
  test: PixelBatches,
): Promise<void> {
  const { heads, grid, blocks, tokens } = about;
  const count = about.images.length;
  const patches = grid[0] * grid[1];
  const float32 = (shape: number[], parts: readonly Float32Array[]) => ({
    dtype: "F32" as const,
    shape,
    data: joinInto(new Float32Array(elements(shape)), parts),
  });
  const raw = seen.flatMap((one) => one.raw ?? []);
  const rawShape = [raw.length, blocks, heads, tokens, tokens];
  await writeSafetensors(output.file(ATTENTION), {
    images: pictures(about, test),
    last_block: float32([count, heads, patches], seen.map((one) => one.lastBlock)),
    rollout: float32([count, patches], seen.map((one) => one.rollout)),
    relevance: float32([count, patches], relevance),
    ...(relevanceOther && { relevance_other: float32([count, patches], relevanceOther) }),
    ...(raw.length > 0 && {
      attention: {
        dtype: "F16",
        shape: rawShape,
        data: joinInto(new Float16Array(elements(rawShape)), raw),
      },
    }),
  });
}

function pictures({ images, image_size: [height, width] }: AttentionFile, test: PixelBatches) {
  const size = height * width * 3;
  const data = new Uint8Array(images.length * size);
  images.forEach(({ index }, i) => {
    test.transform.resize(test.readRaw([index]), data.subarray(i * size, (i + 1) * size));
  });
  return { dtype: "U8" as const, shape: [images.length, height, width, 3], data };
}

function joinInto<T extends Float32Array | Float16Array>(all: T, parts: readonly T[]): T {
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

const elements = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);
