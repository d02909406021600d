import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import { join } from "node:path";
import { params, preprocess } from "../../stages/preprocess/mod.ts";
import { datasetFiles, planDataset } from "../../stages/preprocess/sources/plan.ts";
import {
  CLASSES,
  IMAGES,
  inFolder,
  open,
  pixelsOf,
  publish,
  SOURCES,
  tableOf,
  view,
  write,
} from "./sources.ts";
import { parquetFile } from "../data/parquet/write.ts";

/** What rows and members are called by their place, not by a file's name. */
const PLACE_OF_SEVENTH: Record<string, RegExp> = {
  parquet: /train-00000-of-00002\.parquet: row 7/,
};

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

  Deno.test(`${name}: the same images and seed give the same artifact but for its name`, () =>
    inFolder(async (folder) => {
      const shares = { validation: 0.2, test: 0.1, limit: { train: 50 } };
      const reference = SOURCES.imagefolder(join(folder, "reference"), IMAGES);
      const expected = await publish(reference, join(folder, "expected"), shares);
      const found = await publish(make(join(folder, "data"), IMAGES), join(folder, "out"), shares);
      const named = ["dataset.json", "description.md"];
      const unnamed = (files: Record<string, string>) =>
        Object.entries(files).filter(([name]) => !named.includes(name));
      deepEqual(unnamed(found), unnamed(expected));
      equal(unnamed(found).length, 4); // pool, test, splits, samples
      const about = (out: string) => {
        const file = join(folder, out, "dataset.json");
        const { name: _, origin: __, ...rest } = JSON.parse(Deno.readTextFileSync(file));
        return rest;
      };
      deepEqual(about("out"), about("expected"));
    }));

  Deno.test(`${name}: a broken image is named, or left out and listed`, () =>
    inFolder(async (folder) => {
      const images = IMAGES.map((one, i) =>
        i === 7 ? { ...one, bytes: one.bytes.slice(0, 60) } : one
      );
      const dataset = make(folder, images);
      const sources = await open(dataset);
      const place = PLACE_OF_SEVENTH[name] ?? /bird\/07\.png/;
      await rejects(
        pixelsOf(sources.train),
        (error: Error) =>
          /^Cannot read the image /.test(error.message) && place.test(error.message),
      );
      const said: string[] = [];
      const kept = await open(dataset, "skip", said);
      equal(kept.train.labels.length, 59);
      equal(kept.skipped.length, 1);
      match(kept.skipped[0].path, place);
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

Deno.test("a split without labels is replaced by a draw that no seed changes, as no key has it", () =>
  inFolder(async (folder) => {
    const hidden = IMAGES.slice(0, 6).map((one) => ({ ...one, label: "" }));
    write(join(folder, "set/train.parquet"), tableOf(IMAGES));
    write(join(folder, "set/validation.parquet"), tableOf(IMAGES.slice(0, 3).concat(IMAGES[59])));
    write(join(folder, "set/test.parquet"), tableOf(hidden));
    const dataset = { parquet: join(folder, "set") };
    const plan = { validation: "folder", test: "folder" } as const;
    ok(typeof preprocess.usesSeed === "function");
    equal(preprocess.usesSeed({ ...params.parse({ dataset }), ...plan }), false);
    const said: string[] = [];
    const first = await publish(dataset, join(folder, "1"), { ...plan, seed: 1 }, said);
    const second = await publish(dataset, join(folder, "2"), { ...plan, seed: 2 });
    deepEqual(first, second);
    match(said.join(), /the test split of .*set has no labels: a share of the training images/);
    const { sizes, origin } = JSON.parse(Deno.readTextFileSync(join(folder, "1/dataset.json")));
    deepEqual(sizes, { train: 54, validation: 4, test: 6 });
    deepEqual(origin.splits, { train: "train", validation: "validation" });
  }));

Deno.test("labels that are texts of whole numbers have one order in tables and in parquet", () =>
  inFolder(async (folder) => {
    const images = IMAGES.map((one, i) => ({ ...one, label: ["10", "9", "2"][i % 3] }));
    for (const name of ["csv", "parquet"]) {
      const { classes } = await open(SOURCES[name](join(folder, name), images));
      deepEqual(classes, ["2", "9", "10"]);
    }
  }));

Deno.test("a parquet data set's wrong column, split and config are told at the parameter that says it", () =>
  inFolder(async (folder) => {
    const dataset = SOURCES.parquet(folder, IMAGES) as { parquet: string };
    const wrong = [{ label: "kind" }, { image: "label", label: "image" }, { test: "dev" }, {
      config: "b",
    }, {}];
    const problems: string[] = [];
    for (const one of wrong) await planDataset({ ...dataset, ...one }, view(problems), false);
    equal(problems.length, 4);
    match(
      problems[0],
      /^dataset\.label: Cannot find the column "kind" of .*: it has image, label$/,
    );
    match(problems[1], /^dataset\.image: Cannot take images from the column "label" .* texts/);
    match(problems[2], /^dataset\.test: Cannot find the test split "dev" of .*: it has train$/);
    match(problems[3], /^dataset\.config: Cannot find the config "b"/);
    write(
      join(folder, "train-00000-of-00002.parquet"),
      parquetFile({ picture: ["a"], kind: ["b"] }),
    );
    await planDataset(dataset, view(problems), false);
    match(problems[4], /^dataset\.parquet: Cannot tell the column of images in .*write image: /);
  }));
