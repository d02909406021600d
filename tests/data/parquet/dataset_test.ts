import { deepStrictEqual as equal, ok, throws } from "node:assert/strict";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { UserError } from "../../../base/errors.ts";
import { decodeEncoded } from "../../../data/decode.ts";
import { BrokenImage } from "../../../data/imagefolder.ts";
import {
  openParquetDataset,
  type ParquetRequest,
  type ParquetSplit,
} from "../../../data/parquet/dataset.ts";
import type { Feature } from "../../../data/parquet/features.ts";

const FIXTURES = join(import.meta.dirname!, "../../fixtures/parquet");

const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

function json(name: string) {
  return JSON.parse(Deno.readTextFileSync(join(FIXTURES, name)));
}

/** Opens files of a fixture as the split `train`, or by split. */
function open(
  folder: string,
  files: string[] | Record<string, string[]>,
  more: Partial<ParquetRequest> = {},
) {
  const bySplit = Array.isArray(files) ? { train: files } : files;
  const splits = Object.fromEntries(
    Object.entries(bySplit).map(([split, names]) => [
      split,
      names.map((name) => ({ path: join(FIXTURES, folder, name), name, shown: name })),
    ]),
  );
  const features = new Map<string, Feature>();
  return openParquetDataset({
    called: "the set",
    beside: { folder: join(FIXTURES, folder), files: new Set(["beside.png"]) },
    splits,
    features,
    ...more,
  });
}

const rows = ({ labels }: ParquetSplit) => Array.from(labels, (_, row) => row);

async function digests(split: ParquetSplit) {
  const found = [];
  for (const row of rows(split)) {
    const { height, width, pixels } = await decodeEncoded(split.bytes(row), split.shown(row));
    found.push({ size: [height, width], sha256: sha256(pixels) });
  }
  return found;
}

Deno.test("rows, labels and pixels are those that Hugging Face's datasets reads", async () => {
  const { classes, splits, image, label } = open("pets", {
    train: ["data/train-00000-of-00002.parquet", "data/train-00001-of-00002.parquet"],
    validation: ["data/validation-00000-of-00001.parquet"],
    test: ["data/test-00000-of-00001.parquet"],
  });
  equal([classes, image, label], [["cat", "dog", "eel"], "image", "label"]);
  const expected = json("pets.json");
  for (const [name, split] of Object.entries(splits)) {
    equal([...split.labels], expected[name].labels);
    equal(await digests(split), expected[name].images);
    equal(split.unlabelled, 0);
  }
  equal(splits.train.shown(13), "data/train-00001-of-00002.parquet: row 1");
});

const ENCODINGS = ["plain", "snappy", "gzip", "zstd", "lz4", "brotli", "pages", "delta"];
for (const name of ENCODINGS) {
  Deno.test(`a file is the same however it is written: ${name}`, async () => {
    const { splits: { train } } = open("encodings", [`${name}.parquet`]);
    const expected = json("encodings.json");
    equal([...train.labels], expected.labels);
    equal(rows(train).map((row) => sha256(train.bytes(row))), expected.files);
    equal(await digests(train), expected.images);
    // In any order, too.
    for (const row of [11, 0, 6, 6, 3]) equal(sha256(train.bytes(row)), expected.files[row]);
  });
}

Deno.test("texts and numbers are classes in their order; images may be plain bytes", () => {
  const expected = json("odd.json");
  const cases = [
    ["strings.parquet", ["Birne", "apple", "Äpfel"], [0, 1, 2]],
    ["numbers.parquet", ["2", "10", "33"], [1, 0, 2]],
  ] as const;
  for (const [name, names, places] of cases) {
    const { classes, splits: { train } } = open("odd", [name], { label: "kind" });
    equal(classes, names);
    equal([...train.labels], expected.labels.map((label: number) => places[label]));
    equal(rows(train).map((row) => sha256(train.bytes(row))), expected.files);
  }
});

Deno.test("columns may be nested, and named by the card", () => {
  const expected = json("odd.json");
  const { classes, splits: { train } } = open("odd", ["nested.parquet"], {
    label: "sample.note.kind",
    features: new Map([["sample.note.kind", { kind: "classes", names: ["a", "b", "c"] }]]),
  });
  equal(classes, ["a", "b", "c"]);
  equal([...train.labels], expected.labels);
  equal(rows(train).map((row) => sha256(train.bytes(row))), expected.files);
});

Deno.test("rows without a label or an image are told one by one", () => {
  const { splits: { train } } = open("odd", ["wrong.parquet"]);
  equal([...train.labels].flatMap((label, row) => label < 0 ? [row] : []), [6, 7]);
  equal(train.unlabelled, 2);
  const files = json("odd.json").files;
  equal(sha256(train.bytes(0)), files[0]);
  equal(
    train.bytes(1),
    Deno.readFileSync(join(FIXTURES, "odd/beside.png")) as Uint8Array<ArrayBuffer>,
  );
  for (
    const [row, words] of [
      [2, /wrong\.parquet: row 2: it has no bytes, only the path "nowhere\.png"/],
      [5, /wrong\.parquet: row 5: it has no image/],
    ] as const
  ) {
    throws(() => train.bytes(row), (error: Error) => {
      ok(error instanceof BrokenImage && words.test(error.message), error.message);
      return true;
    });
  }
});

Deno.test("a column that can't be told, or holds something else, is an error", () => {
  const cases: [string, Partial<ParquetRequest>, RegExp][] = [
    ["several", {}, /column of images in several\.parquet: image, mask could be meant$/],
    ["several", { image: "mask" }, /column of labels in .*: label, colour could be meant$/],
    [
      "several",
      { image: "note", label: "label" },
      /images from the column "note" of .*: it holds texts/,
    ],
    ["several", { image: "mask", label: "mask" }, /labels from .* it holds fields \(bytes, path\)/],
    [
      "several",
      { label: "colours", image: "mask" },
      /find the column "colours" of .*: it has image/,
    ],
    ["strings", {}, /column of labels in .*: none is known to be one; it has picture, kind$/],
    ["lists", {}, /labels from the column "labels" of .*: it holds lists/],
    [
      "lists",
      { image: "labels", label: "image" },
      /images from the column "labels" of .*: it holds lists/,
    ],
  ];
  for (const [name, more, message] of cases) {
    throws(
      () => open("odd", [`${name}.parquet`], more),
      (error: Error) => error instanceof UserError && message.test(error.message),
      String(message),
    );
  }
});

Deno.test("files of one data set fit together, and other splits have no classes of their own", () => {
  throws(
    () => open("odd", ["strings.parquet", "nested.parquet"], { label: "kind" }),
    /find the column "kind" of nested\.parquet/,
  );
  throws(
    () => open("odd", { train: ["numbers.parquet"], test: ["strings.parquet"] }, { label: "kind" }),
    {
      message: /Cannot use strings\.parquet: row 0: no training image has its label "/,
    },
  );
});
