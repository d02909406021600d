import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import { join } from "node:path";
import sharp from "sharp";
import type { Dataset } from "../../stages/preprocess/sources/plan.ts";
import { datasetFiles, planDataset } from "../../stages/preprocess/sources/plan.ts";
import { openSources } from "../../stages/preprocess/sources/open.ts";
import type { Context, Sources } from "../../stages/preprocess/sources/source.ts";
import type { PlanView } from "../../stages/stage.ts";
import { tar } from "../data/fake_cifar10.ts";

const CLASSES = ["bird", "cat", "dog"];
/** Images of a class. */
const EACH = 20;

interface Made {
  readonly file: string;
  readonly label: string;
  readonly bytes: Uint8Array;
}

/** Sixty small pictures, by class, then by name: the order of an image folder. */
const IMAGES: Made[] = await Promise.all(
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

const encode = (text: string) => new TextEncoder().encode(text);
const write = (path: string, content: string | Uint8Array) => {
  Deno.mkdirSync(join(path, ".."), { recursive: true });
  Deno.writeFileSync(path, typeof content === "string" ? encode(content) : content);
};
const writeImages = (folder: string, images: readonly Made[]) => {
  for (const { file, bytes } of images) write(join(folder, file), bytes);
};
const shardOf = (images: readonly Made[]) =>
  tar(Object.fromEntries(images.flatMap(({ file, label, bytes }) => [
    [file, bytes],
    [file.replace(/png$/, "cls"), encode(label)],
  ])));

/** Each source, given the same images: what it writes into a folder, and its `dataset`. */
const SOURCES: Record<string, (folder: string, images: readonly Made[]) => Dataset> = {
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
};

function view(problems: string[] = []): PlanView {
  return {
    project: "/",
    seed: 1,
    related: () => [],
    resolve: (path) => path,
    problem: (parameter, message) => void problems.push(`${parameter}: ${message}`),
  };
}

/** Opens a data set as the stage does. */
function open(dataset: Dataset, on_bad_image: "error" | "skip" = "error", said: string[] = []) {
  const context = {
    params: {
      dataset,
      on_bad_image,
      image_size: [8, 8],
      resize: { height: 8, width: 8 },
      resample: "bilinear",
      rescale_factor: 1 / 255,
      normalize: { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] },
    },
    project: "/",
    seed: 1,
    report: { progress() {}, record() {}, line() {}, warn: (text: string) => void said.push(text) },
    signal: new AbortController().signal,
  };
  return openSources(context as unknown as Context);
}

const pixelsOf = (source: Sources["train"]) =>
  source.read(Int32Array.from(source.labels, (_, row) => row));

async function inFolder(run: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await run(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

for (const [name, make] of Object.entries(SOURCES)) {
  Deno.test(`${name}: the same images give the same pixels, labels and classes in order`, () =>
    inFolder(async (folder) => {
      const expected = await open(SOURCES.imagefolder(join(folder, "reference"), IMAGES));
      const dataset = make(join(folder, "data"), IMAGES);
      const problems: string[] = [];
      const plan = await planDataset(dataset, view(problems), false);
      deepEqual([problems, plan.own], [[], { validation: false, test: false }]);
      const sources = await open(dataset);
      deepEqual(sources.classes, CLASSES);
      deepEqual(sources.train.labels, expected.train.labels);
      deepEqual(await pixelsOf(sources.train), await pixelsOf(expected.train));
    }));

  Deno.test(`${name}: a broken image is named, or left out and listed`, () =>
    inFolder(async (folder) => {
      const images = IMAGES.map((one, i) =>
        i === 7 ? { ...one, bytes: one.bytes.slice(0, 60) } : one
      );
      const dataset = make(folder, images);
      const sources = await open(dataset);
      await rejects(pixelsOf(sources.train), /Cannot read the image .*bird\/07\.png/);
      const said: string[] = [];
      const kept = await open(dataset, "skip", said);
      equal(kept.train.labels.length, 59);
      equal(kept.skipped.length, 1);
      match(kept.skipped[0].path, /bird\/07\.png/);
      match(said.join(), /left out 1 of 60 images/);
      equal((await pixelsOf(kept.train)).length, 59 * 8 * 8 * 3);
    }));

  Deno.test(`${name}: a folder that is moved has the same files in its key`, () =>
    inFolder(async (folder) => {
      const before = make(join(folder, "a"), IMAGES);
      const names = (files: Awaited<ReturnType<typeof datasetFiles>>) =>
        Object.entries(files).map(([parameter, { files }]) => [parameter, files]);
      const first = names(await datasetFiles(before, view()));
      await Deno.rename(join(folder, "a"), join(folder, "b"));
      const moved = JSON.parse(
        JSON.stringify(before).replaceAll(join(folder, "a"), join(folder, "b")),
      );
      deepEqual(names(await datasetFiles(moved, view())), first);
      ok(first.flatMap(([, files]) => files).length >= 2);
    }));
}

Deno.test("a table's own splits, delimiters, quotes and ends of lines are read", () =>
  inFolder(async (folder) => {
    writeImages(folder, IMAGES);
    const words = ["train", "VAL", "dev", "test"];
    const rows = IMAGES.map(({ file, label }, i) => `"${file}";"${label}";${words[i % 4]}\r\n`);
    write(join(folder, "l.csv"), `\ufeffpath;label;split\r\n${rows.join("")}`);
    const { train, validation, test } = await open({ csv: join(folder, "l.csv") });
    deepEqual([train, validation, test].map((part) => part!.labels.length), [15, 30, 15]);
  }));

Deno.test("labels that are whole numbers are sorted as numbers, or as the config lists them", () =>
  inFolder(async (folder) => {
    writeImages(folder, IMAGES);
    const rows = IMAGES.map(({ file }, i) => `${file},${[10, 9, 2][i % 3]}\n`);
    write(join(folder, "l.csv"), `file,class\n${rows.join("")}`);
    const csv = join(folder, "l.csv");
    deepEqual((await open({ csv })).classes, ["2", "9", "10"]);
    const { classes, train } = await open({ csv, classes: ["9", "10", "2"] });
    deepEqual([classes, [...train.labels.slice(0, 3)]], [["9", "10", "2"], [1, 0, 2]]);
  }));

Deno.test("bad rows of a table are named by line when the plan is made, or left out and listed", () =>
  inFolder(async (folder) => {
    writeImages(folder, IMAGES);
    const good = IMAGES.map(({ file, label }) => `${file},${label},train\n`);
    const bad = [
      "gone.png,cat,train",
      "bird/00.png,bird,train",
      ",cat,train",
      "cat/../dog/00.png,dog,train",
      "a\nb,c,d,e",
      "dog/01.png,,train",
      "http://x.org/a.png,cat,train",
    ];
    write(join(folder, "l.csv"), `path,label,split\n${good.join("")}${bad.join("\n")}\n`);
    const csv = join(folder, "l.csv");
    const problems: string[] = [];
    await planDataset({ csv }, view(problems), false);
    equal(problems.length, 1);
    match(
      problems[0],
      /^dataset\.csv: Cannot use .*l\.csv: 8 rows are wrong: .*l\.csv:62: "gone\.png": there is no such file; /,
    );
    match(
      problems[0],
      /l\.csv:63: "bird\/00\.png" stands in line 2 already; .*:64: there is no path in "path"/,
    );
    match(problems[0], /and 4 more/);
    await rejects(open({ csv }), /8 rows are wrong/);
    const { skipped, train } = await open({ csv }, "skip");
    equal(train.labels.length, 60);
    deepEqual(
      skipped.map(({ path }) => path),
      [62, 63, 64, 65, 66, 67, 68, 69].map((n) => `l.csv:${n}`),
    );
  }));

Deno.test("a column that is not there is told at its parameter, with those that are", () =>
  inFolder(async (folder) => {
    write(join(folder, "l.csv"), "photo,kind\na.png,cat\n");
    const csv = join(folder, "l.csv");
    const problems: string[] = [];
    await planDataset({ csv }, view(problems), false);
    await planDataset({ csv, image: "fotos", label: "kind" }, view(problems), false);
    await planDataset({ csv: join(folder, "none.csv") }, view(problems), false);
    match(
      problems[0],
      /^dataset\.csv: Cannot find the column of paths in .*"photo", "kind"; say which by "image"/,
    );
    match(
      problems[1],
      /^dataset\.image: Cannot find the column "fotos" in .*its columns are "photo", "kind"/,
    );
    match(problems[2], /^dataset\.csv: Cannot read .*none\.csv: there is no such file/);
  }));

Deno.test("shards tell their splits by name or folder, or the config does", () =>
  inFolder(async (folder) => {
    const [a, b, c] = [0, 1, 2].map((k) => shardOf(IMAGES.filter((_, i) => i % 3 === k)));
    write(join(folder, "names/train-000.tar"), a);
    write(join(folder, "names/val-000.tar"), b);
    write(join(folder, "names/test-000.tar"), c);
    write(join(folder, "folders/train/0.tar"), a);
    write(join(folder, "folders/validation/0.tar"), b);
    for (const [name, sizes] of [["names", [20, 20, 20]], ["folders", [20, 20, 0]]] as const) {
      const { train, validation, test } = await open({ webdataset: join(folder, name) });
      deepEqual([train, validation, test].map((part) => part?.labels.length ?? 0), sizes);
    }
    const said = await open({
      webdataset: join(folder, "names"),
      train: "{train,val}-{000..000}.tar",
      test: "test-000.tar",
    });
    deepEqual([said.train.labels.length, said.test!.labels.length], [40, 20]);
    const one = await open({ webdataset: join(folder, "names/train-{000..000}.tar") });
    deepEqual([one.train.labels.length, one.test], [20, undefined]);
    const problems: string[] = [];
    await planDataset(
      { webdataset: join(folder, "names/train-{000..001}.tar") },
      view(problems),
      false,
    );
    match(problems[0], /train-001\.tar: there is no such shard/);
    write(join(folder, "packed/train-0.tar.gz"), a);
    await planDataset({ webdataset: join(folder, "packed") }, view(problems), false);
    match(problems[1], /it is compressed/);
  }));

Deno.test("labels of shards come from cls, txt or a field of JSON; classes from classes.txt", () =>
  inFolder(async (folder) => {
    const members: Record<string, Uint8Array> = {};
    for (const [i, { file, bytes, label }] of IMAGES.entries()) {
      members[file] = bytes;
      members[file.replace("png", "cls")] = encode(String(i % 3));
      members[file.replace("png", "json")] = encode(JSON.stringify({ about: { kind: label } }));
    }
    write(join(folder, "0.tar"), tar(members));
    const webdataset = folder;
    deepEqual((await open({ webdataset })).classes, ["0", "1", "2"]);
    deepEqual((await open({ webdataset, label: "json:about.kind" })).classes, CLASSES);
    await rejects(
      open({ webdataset, label: "txt" }),
      /60 samples: .*it has no label \(\.txt\).* and 56 more/,
    );
    await rejects(open({ webdataset, label: "json:kind" }), /it has no field "kind"/);
    write(join(folder, "classes.txt"), "x\ny\nz\n");
    const { classes, train } = await open({ webdataset });
    deepEqual([classes, [...train.labels.slice(0, 4)]], [["x", "y", "z"], [0, 1, 2, 0]]);
  }));

Deno.test("what the tar program writes is read, whatever its format; links are refused", () =>
  inFolder(async (folder) => {
    const long = `${"a-long-folder-name/".repeat(9)}bird`;
    writeImages(
      join(folder, "in"),
      IMAGES.map((one) => ({
        ...one,
        file: one.file.replace("bird", long),
      })),
    );
    for (const { file, label } of IMAGES) {
      write(join(folder, "in", file.replace("bird", long).replace("png", "cls")), label);
    }
    const pack = async (...args: string[]) => {
      const { success } = await new Deno.Command("tar", { args, cwd: join(folder, "in") }).output();
      ok(success);
    };
    for (const format of ["gnu", "pax"]) {
      Deno.mkdirSync(join(folder, format));
      const shard = join(folder, format, "0.tar");
      await pack("--sort=name", `--format=${format}`, "-cf", shard, ".");
      const { train, classes } = await open({ webdataset: join(folder, format) });
      deepEqual([train.labels.length, classes], [60, CLASSES]);
      equal((await pixelsOf(train)).length, 60 * 192);
    }
    Deno.symlinkSync("/etc/passwd", join(folder, "in/link.png"));
    Deno.mkdirSync(join(folder, "links"));
    await pack("-cf", join(folder, "links/0.tar"), ".");
    await rejects(
      open({ webdataset: join(folder, "links") }),
      /0\.tar: its member ".*link\.png" is a link, no file/,
    );
  }));
