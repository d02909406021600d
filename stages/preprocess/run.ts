import { UserError } from "../../base/errors.ts";
import { random } from "../../base/random.ts";
import { SafetensorsWriter, writeSafetensors } from "../../base/safetensors.ts";
import { sayClipped } from "../../data/colour.ts";
import { sayLeftOut } from "../../data/left_out.ts";
import { classCounts, stratified, without } from "../../data/splits.ts";
import type { StageContext } from "../stage.ts";
import { describe } from "./describe.ts";
import { type Duplicates, findDuplicates, ImageDigests, warningsOf } from "./duplicates.ts";
import { type DatasetFile, POOL, SPLIT_ROWS, TEST } from "./files.ts";
import { measureImages } from "./measure.ts";
import type { PreprocessParams } from "./mod.ts";
import { type ImageRows, type ImageSource, openSources, type Sources } from "./sources/open.ts";
import { SHARE } from "./sources/planned.ts";

type Context = StageContext<PreprocessParams, never>;

/** Images that are copied at once: memory depends on this, not on the size of the data set. */
const PIECE = 512;

/** Copies the chosen images into the artifact, splits them, measures them before and after. */
export async function run(context: Context): Promise<void> {
  const { output } = context;
  const sources = await openSources(context);
  const chosen = choose(context, sources);
  const { pool, test, train, validation } = chosen;

  const total = countOf(pool) + countOf(test);
  let done = 0;
  const digests = { pool: new ImageDigests(), test: new ImageDigests() };
  const imageBytes = sources.size.height * sources.size.width * 3;
  for (
    const [name, parts, seen] of [[POOL, pool, digests.pool], [TEST, test, digests.test]] as const
  ) {
    await copy(context, output.file(name), parts, sources, (images) => {
      seen.add(images, imageBytes);
      context.report.progress(done += images.length / imageBytes, total, "images");
    });
  }
  const labels = labelsOf(pool);
  const duplicates = findDuplicates({
    ...digests,
    labels,
    train,
    validation,
    tests: countOf(test),
  });
  warnOfImages(context, sources, chosen, duplicates);
  await writeSafetensors(output.file(SPLIT_ROWS), {
    train: { dtype: "I32", shape: [train.length], data: train },
    validation: { dtype: "I32", shape: [validation.length], data: validation },
  });

  const dataset = await measureImages(
    context,
    { ...describeSources(context.params, sources, chosen), duplicates: duplicates.counts },
    train,
    originalsOf(pool),
  );
  await output.json("dataset.json", dataset);
  warnOfMissing(context, dataset);
  await output.text(
    "description.md",
    describe(dataset, { validation: !sources.validation, test: !sources.test }),
  );
}

/** Reads the file behind a row of the pool, where the sources have files. */
function originalsOf(pool: readonly ImageRows[]) {
  if (!pool.every(({ source }) => source.original)) return undefined;
  return (row: number) => {
    const { source, at } = behind(pool, row);
    return source.original!(at);
  };
}

/** Where a row of these images, one part after the other, comes from. */
function behind(parts: readonly ImageRows[], row: number): { source: ImageSource; at: number } {
  for (const { source, rows } of parts) {
    if (row < rows.length) return { source, at: rows[row] };
    row -= rows.length;
  }
  throw new RangeError("Cannot find a row that is not there");
}

/** Says what people should know of their images: what was left out, clipped, or is there twice. */
function warnOfImages(
  { report }: Context,
  { leftOut, clipped }: Sources,
  { pool, test }: Chosen,
  duplicates: Duplicates,
): void {
  const unread = sayLeftOut(leftOut);
  if (unread) report.warn(unread);
  if (clipped.length > 0) report.warn(sayClipped(clipped.length, clipped[0]));
  const nameOf = (parts: readonly ImageRows[]) => (row: number) => {
    const { source, at } = behind(parts, row);
    return source.nameOf(at);
  };
  for (const text of warningsOf(duplicates, { pool: nameOf(pool), test: nameOf(test) })) {
    report.warn(text);
  }
}

interface Chosen {
  /** Images to learn from and to validate on. */
  readonly pool: readonly ImageRows[];
  readonly test: readonly ImageRows[];
  /** Rows of the pool, ascending. */
  readonly train: Int32Array;
  readonly validation: Int32Array;
}

/**
 * Seed of what takes the place of a split that the data set was to bring and that turned out to have
 * no labels. It is no config's: whether that happens shows only when rows are read, too late to
 * take the seed into the key.
 */
const STAND_IN = 0;

/** Limit, test share and validation share, each stratified, each drawn from a stream of its own. */
function choose(context: Context, sources: Sources): Chosen {
  const { params, report } = context;
  const classes = sources.classes.length;
  const all = (labels: Int32Array) => Int32Array.from(labels, (_, row) => row);
  /** Some of these rows; the seed is looked at only where something is drawn. */
  const some = (
    labels: Int32Array,
    rows: Int32Array,
    part: { count: number } | { share: number },
    stream: string,
    seed?: number,
  ): Int32Array => {
    if ("share" in part && part.share === 0) return new Int32Array(0);
    const draws = random(seed ?? context.seed, stream);
    return pick(rows, stratified(pick(labels, rows), classes, part, draws));
  };
  const held = (
    labels: Int32Array,
    rows: Int32Array,
    part: PreprocessParams["test"],
    split: string,
  ): Int32Array =>
    typeof part === "number"
      ? some(labels, rows, { share: part }, split)
      : some(labels, rows, { share: SHARE }, split, STAND_IN);
  const limited = (source: ImageSource, rows: Int32Array, count: number | undefined, of: string) =>
    count === undefined ? rows : some(source.labels, rows, { count }, `limit ${of}`);

  let rows: Int32Array = all(sources.train.labels);
  let test: ImageRows;
  if (sources.test) {
    test = { source: sources.test, rows: all(sources.test.labels) };
    if (typeof params.test === "number") report.warn(unused(sources, "test", params.test));
  } else {
    const drawn = held(sources.train.labels, rows, params.test, "test");
    test = { source: sources.train, rows: drawn };
    rows = without(rows.length, drawn);
  }
  test = { ...test, rows: limited(test.source, test.rows, params.limit?.test, "test") };
  rows = limited(sources.train, rows, params.limit?.train, "train");

  const pool: ImageRows[] = [{ source: sources.train, rows }];
  if (sources.validation) {
    if (typeof params.validation === "number") {
      report.warn(unused(sources, "validation", params.validation));
    }
    const own = all(sources.validation.labels);
    pool.push({ source: sources.validation, rows: own });
    const validation = own.map((row) => rows.length + row);
    return notEmpty({ pool, test: [test], train: all(rows), validation });
  }
  const labels = pick(sources.train.labels, rows);
  const validation = held(labels, all(labels), params.validation, "validation");
  return notEmpty({ pool, test: [test], train: without(rows.length, validation), validation });
}

const unused = ({ called }: Sources, name: string, share: number) =>
  `${name}: ${share} is not used: ${called} brings its own ${name} split`;

/** Says which classes a split lacks: no accuracy of that split speaks of them. */
function warnOfMissing({ report }: Context, { classes, sizes, splits }: DatasetFile): void {
  for (const split of ["validation", "test"] as const) {
    const missing = classes.filter((_, index) => splits[split][index] === 0);
    if (sizes[split] === 0 || missing.length === 0) continue;
    const some = missing.slice(0, 5).join(", ") + (missing.length > 5 ? ", …" : "");
    const images = sizes[split] === 1
      ? `1 ${split} image shows`
      : `${sizes[split]} ${split} images show`;
    report.warn(
      `the ${images} ${
        classes.length - missing.length
      } of ${classes.length} classes, none of: ${some}`,
    );
  }
}

function notEmpty(chosen: Chosen): Chosen {
  if (chosen.train.length > 0) return chosen;
  throw new UserError("Cannot split the images: none are left to train on", {
    hint: "Lower test or validation, or raise limit.train, in preprocess",
  });
}

/** Writes images U8 [N, height, width, 3] and labels I32 [N], piece by piece. */
async function copy(
  { signal }: Context,
  path: string,
  parts: readonly ImageRows[],
  { size: { height, width } }: Sources,
  onPiece: (images: Uint8Array) => void,
): Promise<void> {
  const count = countOf(parts);
  const writer = await SafetensorsWriter.create(path, {
    images: { dtype: "U8", shape: [count, height, width, 3] },
    labels: { dtype: "I32", shape: [count] },
  });
  try {
    for (const { source, rows } of parts) {
      for (let at = 0; at < rows.length; at += PIECE) {
        signal.throwIfAborted();
        const some = rows.subarray(at, at + PIECE);
        const images = await source.read(some);
        writer.write("images", images);
        onPiece(images);
      }
      writer.write("labels", pick(source.labels, rows));
    }
    await writer.close();
  } catch (error) {
    writer.abandon();
    throw error;
  }
}

/** What `dataset.json` says before anything is measured. */
function describeSources(
  params: PreprocessParams,
  sources: Sources,
  { pool, test, train, validation }: Chosen,
): Omit<DatasetFile, "statistics"> {
  const labels = labelsOf(pool);
  const testLabels = pick(test[0].source.labels, test[0].rows);
  const counts = (some: Int32Array) => classCounts(some, sources.classes.length);
  const [height, width] = params.image_size as [number, number];
  const resize = params.resize!;
  const plain = "height" in resize && resize.height === height && resize.width === width;
  return {
    name: sources.name,
    classes: [...sources.classes],
    sizes: { train: train.length, validation: validation.length, test: testLabels.length },
    splits: {
      train: counts(pick(labels, train)),
      validation: counts(pick(labels, validation)),
      test: counts(testLabels),
    },
    ...(sources.origin && { origin: sources.origin }),
    ...(sources.skipped.length > 0 && {
      skipped: { count: sources.skipped.length, images: [...sources.skipped] },
    }),
    ...(Object.keys(sources.leftOut).length > 0 && { left_out: sources.leftOut }),
    stored: sources.size,
    transform: {
      image_size: [height, width],
      resample: params.resample!,
      resize,
      crop: !plain,
      applied: sources.resized,
      rescale_factor: params.rescale_factor!,
      mean: params.normalize!.mean,
      std: params.normalize!.std,
      ...(params.patch_size === undefined ? {} : { patch_size: pair(params.patch_size) }),
    },
  };
}

const pair = (size: number | [number, number]): [number, number] =>
  typeof size === "number" ? [size, size] : size;

const pick = (values: Int32Array, rows: Int32Array) => rows.map((row) => values[row]);

const labelsOf = (parts: readonly ImageRows[]) =>
  Int32Array.from(parts.flatMap(({ source, rows }) => [...pick(source.labels, rows)]));

const countOf = (parts: readonly ImageRows[]) =>
  parts.reduce((sum, { rows }) => sum + rows.length, 0);
