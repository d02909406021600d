import { writeSafetensors } from "../../base/safetensors.ts";
import { PixelBatches } from "../../data/batches.ts";
import { PixelCounts } from "../../data/statistics.ts";
import { normalizationTable } from "../../data/transform.ts";
import type { StageContext } from "../stage.ts";
import { transformOf } from "../transform.ts";
import { type DatasetFile, POOL, SAMPLES } from "./files.ts";

/** Images that are measured at once. */
const PIECE = 256;
/** Sample images for the figures: one a class, at most so many. */
const MOST_SAMPLES = 10;

/**
 * Measures the training images as they are stored and as the model gets them, and keeps a few of
 * them for the figures.
 *
 * @param train Rows of the pool.
 */
export async function measureImages(
  { output, report, signal }: StageContext<unknown, never>,
  dataset: Omit<DatasetFile, "statistics">,
  train: Int32Array,
): Promise<DatasetFile> {
  const { rescale_factor, mean, std } = dataset.transform;
  using pool = await PixelBatches.open(`${output.path}/${POOL}`, transformOf(dataset));
  const before = new PixelCounts();
  const after = new PixelCounts();
  const { from, to } = pool.transform;
  const length = from.height * from.width * 3;
  const resized = new Uint8Array(to.height * to.width * 3);
  for (let at = 0; at < train.length; at += PIECE) {
    signal.throwIfAborted();
    const rows = train.subarray(at, at + PIECE);
    const raw = pool.readRaw(rows);
    before.add(raw);
    for (let i = 0; i < rows.length; i++) {
      after.add(pool.transform.resize(raw.subarray(i * length, (i + 1) * length), resized));
    }
    report.progress(at + rows.length, train.length, "images", "measuring");
    // A macrotask lets Ctrl-C through.
    await new Promise((resolve) => setTimeout(resolve));
  }
  await writeSamples(`${output.path}/${SAMPLES}`, pool, train);
  return {
    ...dataset,
    statistics: {
      before: before.statistics(),
      after: after.statistics(normalizationTable(rescale_factor, mean, std)),
    },
  };
}

async function writeSamples(path: string, pool: PixelBatches, train: Int32Array): Promise<void> {
  const seen = new Set<number>();
  const rows = train.filter((row) => {
    if (seen.size >= MOST_SAMPLES || seen.has(pool.labels[row])) return false;
    seen.add(pool.labels[row]);
    return true;
  }).sort((a, b) => pool.labels[a] - pool.labels[b]);
  const { from, to } = pool.transform;
  const length = from.height * from.width * 3;
  const before = pool.readRaw(rows).slice();
  const after = new Uint8Array(rows.length * to.height * to.width * 3);
  rows.forEach((_, i) => {
    const target = after.subarray(i * to.height * to.width * 3, (i + 1) * to.height * to.width * 3);
    pool.transform.resize(before.subarray(i * length, (i + 1) * length), target);
  });
  const shape = (
    size: { height: number; width: number },
  ) => [rows.length, size.height, size.width, 3];
  await writeSafetensors(path, {
    before: { dtype: "U8", shape: shape(from), data: before },
    after: { dtype: "U8", shape: shape(to), data: after },
    labels: { dtype: "I32", shape: [rows.length], data: rows.map((row) => pool.labels[row]) },
  });
}
