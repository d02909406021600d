import { deepStrictEqual as equal, ok, throws } from "node:assert/strict";
import { NO_CARD, readCard } from "../../../data/parquet/card.ts";
import { featuresOfFile } from "../../../data/parquet/features.ts";
import { matcher } from "../../../data/parquet/glob.ts";
import { layoutOf, rolesOf } from "../../../data/parquet/layout.ts";

const layout = (files: string[], config?: string, card = NO_CARD) => {
  const found = layoutOf(files, card, "the set", config);
  return found && { config: found.config, ...Object.fromEntries(found.splits) };
};

Deno.test("names alone tell configs and splits", () => {
  equal(
    layout(["README.md", "data/train-00001-of-00002.parquet", "data/train-00000-of-00002.parquet"]),
    {
      config: "default",
      train: ["data/train-00000-of-00002.parquet", "data/train-00001-of-00002.parquet"],
    },
  );
  const mnist = ["mnist/test-00000-of-00001.parquet", "mnist/train-00000-of-00001.parquet"];
  equal(layout(mnist), { config: "mnist", test: [mnist[0]], train: [mnist[1]] });
  const converted = ["a/test/0000.parquet", "a/train/0000.parquet", "a/train/0001.parquet"];
  equal(layout(converted), { config: "a", test: [converted[0]], train: converted.slice(1) });
  equal(layout(["train/x.parquet", "val/y.parquet", "eval-2.parquet"]), {
    config: "default",
    test: ["eval-2.parquet"],
    train: ["train/x.parquet"],
    validation: ["val/y.parquet"],
  });
  equal(layout(["pictures.parquet"]), { config: "default", train: ["pictures.parquet"] });
  equal(layout(["a.csv", ".hidden/train.parquet"]), undefined);
  const two = ["fine/train-00000-of-00001.parquet", "coarse/train-00000-of-00001.parquet"];
  throws(() => layout(two), /which config of the set is meant: it has coarse, fine$/);
  equal(layout(two, "fine")?.config, "fine");
});

const CARD = `---
license:
- mit
configs:
- config_name: fine
  default: true
  data_files:
  - split: train
    path: ["b/*.parquet", "a/**"]
  - split: test
    path: c/part-[0-2]?.parquet
- config_name: coarse
  data_files: "c/*"
- config_name: tables
  data_files: "tables/*.csv"
dataset_info:
- config_name: fine
  features:
  - name: picture
    dtype: image
  - name: deep
    struct:
    - name: kind
      dtype:
        class_label:
          names: { "0": no, "1": "yes", "2": 7 }
---
# Words
`;

Deno.test("a card tells configs, files, features and licence", async () => {
  const card = (await readCard(CARD))!;
  equal(card.license, "mit");
  const files = ["a/x/1.parquet", "b/2.parquet", "c/part-1a.parquet", "c/part-3a.parquet"];
  equal(layout(files, undefined, card), {
    config: "fine",
    train: ["b/2.parquet", "a/x/1.parquet"],
    test: ["c/part-1a.parquet"],
  });
  equal(layout(files, "coarse", card), { config: "coarse", train: files.slice(2) });
  throws(() => layout(files, "tables", card), /config "tables" of the set: it has fine, coarse$/);
  equal([...card.features.get("fine")!], [
    ["picture", { kind: "image" }],
    ["deep.kind", { kind: "classes", names: ["no", "yes", "7"] }],
  ]);
  equal(await readCard("# no front matter\n---\n"), NO_CARD);
  equal(await readCard("---\na: [\n---\n"), undefined);
});

Deno.test("splits serve for what they are called, or for what the config says", () => {
  const of = (...names: string[]) => ({
    config: "default",
    splits: new Map(names.map((name) => [name, [`${name}.parquet`]])),
  });
  equal(rolesOf(of("train", "val", "test"), {}, "it"), {
    train: "train",
    validation: "val",
    test: "test",
  });
  equal(rolesOf(of("train", "validation"), { test: "validation" }, "it"), {
    train: "train",
    test: "validation",
  });
  equal(rolesOf(of("all"), {}, "it"), { train: "all" });
  throws(() => rolesOf(of("a", "b"), {}, "it"), /split of it to train on: it has a, b/);
  throws(() => rolesOf(of("train"), { test: "train", train: "train" }, "it"), /twice/);
});

Deno.test("patterns match as in a shell, and never more", () => {
  const cases: [pattern: string, yes: string[], no: string[]][] = [
    ["data/train-*", ["data/train-0.parquet"], ["data/x/train-0", "xdata/train-0"]],
    ["./data", ["data/a/b.parquet"], ["data2/a.parquet"]],
    ["**/*.parquet", ["a.parquet", "x/y/a.parquet"], ["a.parquetx"]],
    ["{a,b}/c.+", ["a/c.+", "b/c.+"], ["c/c.+", "a/cc"]],
    ["[!a]?", ["bx"], ["ax", "b"]],
    ["[z-a]", ["[z-a]"], ["z"]],
  ];
  for (const [pattern, yes, no] of cases) {
    const matches = matcher(pattern);
    ok(yes.every(matches), pattern);
    ok(!no.some(matches), pattern);
  }
});

Deno.test("features that can't be read are none", () => {
  for (const text of [undefined, "", "[", "[]", '{"info": 3}', '{"info": {"features": []}}']) {
    equal(featuresOfFile(text), undefined);
  }
  const label = { _type: "ClassLabel", names: ["a", "a"] };
  equal([...featuresOfFile(JSON.stringify({ info: { features: { label } } }))!], [
    ["label", { kind: "other" }],
  ]);
});

Deno.test("no pattern of a card takes long", () => {
  const hostile = matcher(`${"**/".repeat(12)}x*${"a*".repeat(40)}q`);
  equal(hostile(`${"a/".repeat(200)}x${"a".repeat(300)}.parquet`), false);
  equal(hostile(`b/c/x${"a".repeat(300)}.q`), true);
  equal(matcher("data/[!a-c]?-*.parquet")("data/dd-.parquet"), true);
  equal(matcher("data/[!a-c]?-*.parquet")("data/cd-.parquet"), false);
  equal(matcher("a/**/b")("a/b/c.parquet"), true);
  equal(matcher("a/*/b")("a/x/y/b"), false);
});
