import { join } from "node:path";
import sharp from "sharp";
import { sha256File } from "../../base/hash.ts";
import type { PreprocessParams } from "../../stages/preprocess/mod.ts";
import { run } from "../../stages/preprocess/run.ts";
import { openSources } from "../../stages/preprocess/sources/open.ts";
import type { Dataset } from "../../stages/preprocess/sources/plan.ts";
import type { Context, Sources } from "../../stages/preprocess/sources/source.ts";
import type { PlanView } from "../../stages/stage.ts";
import { tar } from "../data/fake_cifar10.ts";
import { parquetFile } from "../data/parquet/write.ts";

export const CLASSES = ["bird", "cat", "dog"];
/** Images of a class. */
export const EACH = 20;

export interface Made {
  readonly file: string;
  readonly label: string;
  readonly bytes: Uint8Array;
}

/** Sixty small pictures, by class, then by name: the order of an image folder. */
export const IMAGES: Made[] = await Promise.all(
  CLASSES.flatMap((label, c) =>
    Array.from({ length: EACH }, async (_, i) => {
      const raw = { width: 12 + i % 3, height: 10, channels: 3 } as const;
      const pixels = new Uint8Array(raw.width * raw.height * 3)
        .map((_, at) => (at * (3 + c) + i * 17 + (at % 3) * 60 * c) % 256);
      const bytes = await sharp(pixels, { raw }).png().toBuffer();
      return { file: `${label}/${String(i).padStart(2, "0")}.png`, label, bytes };
    })
  ),
);

export const encode = (text: string) => new TextEncoder().encode(text);
export const write = (path: string, content: string | Uint8Array) => {
  Deno.mkdirSync(join(path, ".."), { recursive: true });
  Deno.writeFileSync(path, typeof content === "string" ? encode(content) : content);
};
export const writeImages = (folder: string, images: readonly Made[]) => {
  for (const { file, bytes } of images) write(join(folder, file), bytes);
};
export const shardOf = (images: readonly Made[]) =>
  tar(Object.fromEntries(images.flatMap(({ file, label, bytes }) => [
    [file, bytes],
    [file.replace(/png$/, "cls"), encode(label)],
  ])));

export const tableOf = (images: readonly Made[]) =>
  parquetFile({
    image: images.map(({ bytes }) => bytes),
    label: images.map(({ label }) => label),
  });

/** Each source, given the same images: what it writes into a folder, and its `dataset`. */
export const SOURCES: Record<string, (folder: string, images: readonly Made[]) => Dataset> = {
  imagefolder(folder, images) {
    writeImages(folder, images);
    return { imagefolder: folder };
  },
  csv(folder, images) {
    writeImages(folder, images);
    const rows = images.map(({ file, label }) => `${file},${label}\n`);
    write(join(folder, "labels.csv"), `path,label\n${rows.join("")}`);
    return { csv: join(folder, "labels.csv") };
  },
  jsonl(folder, images) {
    writeImages(join(folder, "images"), images);
    const rows = images.map(({ file, label }) => JSON.stringify({ file_name: file, label }));
    write(join(folder, "metadata.jsonl"), rows.join("\n"));
    return { jsonl: join(folder, "metadata.jsonl"), root: join(folder, "images") };
  },
  webdataset(folder, images) {
    const middle = images.length >> 1;
    write(join(folder, "000.tar"), shardOf(images.slice(0, middle)));
    write(join(folder, "001.tar"), shardOf(images.slice(middle)));
    return { webdataset: folder };
  },
  parquet(folder, images) {
    const middle = images.length >> 1;
    write(join(folder, "train-00000-of-00002.parquet"), tableOf(images.slice(0, middle)));
    write(join(folder, "train-00001-of-00002.parquet"), tableOf(images.slice(middle)));
    return { parquet: folder };
  },
};

export function view(problems: string[] = []): PlanView {
  return {
    project: "/",
    seed: 1,
    related: () => [],
    resolve: (path) => path,
    problem: (parameter, message) => void problems.push(`${parameter}: ${message}`),
  };
}

/** What the stage is given. */
function contextOf(
  dataset: Dataset,
  on_bad_image: "error" | "skip",
  said: string[],
  more: Partial<PreprocessParams> = {},
): Context {
  const context = {
    params: {
      dataset,
      on_bad_image,
      image_size: [8, 8],
      resize: { height: 8, width: 8 },
      resample: "bilinear",
      rescale_factor: 1 / 255,
      normalize: { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] },
      ...more,
    },
    project: "/",
    seed: 1,
    report: { progress() {}, record() {}, line() {}, warn: (text: string) => void said.push(text) },
    signal: new AbortController().signal,
  };
  return context as unknown as Context;
}

/** Opens a data set as the stage does. */
export function open(
  dataset: Dataset,
  on_bad_image: "error" | "skip" = "error",
  said: string[] = [],
) {
  return openSources(contextOf(dataset, on_bad_image, said));
}

/** Runs the whole stage. @returns The digest of each file that it leaves. */
export async function publish(
  dataset: Dataset,
  folder: string,
  more: Partial<PreprocessParams> & { seed?: number } = {},
  said: string[] = [],
): Promise<Record<string, string>> {
  const { seed = 1, ...params } = more;
  Deno.mkdirSync(folder);
  const file = (name: string) => join(folder, name);
  const output = {
    path: folder,
    file,
    json: (name: string, value: unknown) => write(file(name), JSON.stringify(value)),
    text: (name: string, value: string) => write(file(name), value),
  };
  const context = contextOf(dataset, "error", said, params);
  await run({ ...context, seed, output } as unknown as Context);
  const names = [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
  return Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, await sha256File(file(name))])),
  );
}

export const pixelsOf = (source: Sources["train"]) =>
  source.read(Int32Array.from(source.labels, (_, row) => row));

export async function inFolder(run: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await run(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
