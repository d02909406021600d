import { deepEqual, equal, match, rejects } from "node:assert/strict";
import { join } from "node:path";
import { planDataset } from "../../stages/preprocess/sources/plan.ts";
import { IMAGES, inFolder, open, view, write, writeImages } from "./sources.ts";

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
