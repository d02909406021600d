import { type TensorToWrite, writeSafetensors } from "../../base/safetensors.ts";
import { PixelBatches } from "../../data/batches.ts";
import type { DecodedImage } from "../../data/imagefolder.ts";
import { createResizer } from "../../data/resample.ts";
import { PixelCounts } from "../../data/statistics.ts";
import { normalizationTable } from "../../data/transform.ts";
import type { StageContext } from "../stage.ts";
import { transformOf } from "../transform.ts";
import { type DatasetFile, POOL, SAMPLES } from "./files.ts";

/** Images that are measured at once. */
const PIECE = 256;
/** Sample images for the figures: one a class, at most so many. */
const MOST_SAMPLES = 10;
/** Longest side of a sample, pixels. */
const MOST_PIXELS = 256;

/** Reads an image as it is in its file, by its row of the pool. */
type Original = (row: number) => Promise<DecodedImage>;

/**
 * Measures the training images as they are stored and as the model gets them, and keeps a few of
 * them for the figures.
 *
 * @param train Rows of the pool.
 * @param original Reads the file of a row, where what is stored is not what it has.
 */
export async function measureImages(
  { output, report, signal }: StageContext<unknown, never>,
  dataset: Omit<DatasetFile, "statistics">,
  train: Int32Array,
  original?: Original,
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
  await writeSamples(`${output.path}/${SAMPLES}`, pool, train, original);
  return {
    ...dataset,
    statistics: {
      before: before.statistics(),
      after: after.statistics(normalizationTable(rescale_factor, mean, std)),
    },
  };
}

async function writeSamples(
  path: string,
  pool: PixelBatches,
  train: Int32Array,
  original: Original | undefined,
): Promise<void> {
  const seen = new Set<number>();
  const rows = train.filter((row) => {
    if (seen.size >= MOST_SAMPLES || seen.has(pool.labels[row])) return false;
    seen.add(pool.labels[row]);
    return true;
  }).sort((a, b) => pool.labels[a] - pool.labels[b]);
  const { from, to } = pool.transform;
  const length = to.height * to.width * 3;
  const after = new Uint8Array(rows.length * length);
  const before: Record<string, TensorToWrite> = {};
  for (const [i, row] of rows.entries()) {
    const stored = pool.readRaw([row]).slice();
    pool.transform.resize(stored, after.subarray(i * length, (i + 1) * length));
    const { height, width, pixels } = original
      ? withinSides(await original(row))
      : { ...from, pixels: stored };
    before[`before.${i}`] = { dtype: "U8", shape: [height, width, 3], data: pixels };
  }
  await writeSafetensors(path, {
    ...before,
    after: { dtype: "U8", shape: [rows.length, to.height, to.width, 3], data: after },
    labels: { dtype: "I32", shape: [rows.length], data: rows.map((row) => pool.labels[row]) },
  });
}

/** A photograph made small enough for a figure, its ratio kept. */
function withinSides(image: DecodedImage): DecodedImage {
  const scale = Math.min(1, MOST_PIXELS / Math.max(image.height, image.width));
  if (scale === 1) return image;
  const size = {
    height: Math.max(1, Math.round(image.height * scale)),
    width: Math.max(1, Math.round(image.width * scale)),
  };
  return { ...size, pixels: createResizer(image, size, "box")(image.pixels) };
}
