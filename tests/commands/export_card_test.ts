import { deepStrictEqual as equal, match, ok } from "node:assert/strict";
import { parse } from "yaml";
import { writeCard } from "../../commands/export/card.ts";
import { sameConfig } from "../../commands/export/config.ts";
import type { ExportedRun, RunStage } from "../../commands/export/stages.ts";
import { describeTest, limitsOf } from "../../commands/export/test_results.ts";
import type { MetricsFile } from "../../stages/evaluate/files.ts";
import { FACTS, TRAINING } from "../stages/card_facts.ts";

const DIGEST = "0".repeat(64);

/** A stage that published content `content`, having read what `inputs` say. */
function stage(
  name: string,
  kind: string,
  content: string,
  inputs: Record<string, string>,
  parameters: Record<string, unknown> = {},
): RunStage {
  const record = {
    format: 1,
    kind,
    key: DIGEST,
    record: { kind, inputs },
    content,
    files: {},
    made: { started: "2026-03-01T10:00:00.000Z", seconds: 1 },
  };
  return { name, kind, parameters, folder: "/nowhere", record };
}

function runOf(...stages: RunStage[]): ExportedRun {
  return {
    name: "pets",
    config: "configs/pets.yaml",
    parameters: {},
    seed: 3,
    engine: null,
    started: "2026-03-01T10:00:00.000Z",
    seconds: 1,
    folder: "/nowhere",
    stages,
    unfinished: [],
  };
}

Deno.test("the config of a plain run has its parameters and no needs", () => {
  const { text, cut, leftOut } = sameConfig(runOf(
    stage("preprocess", "preprocess", "d", {}, { dataset: "cifar10" }),
    stage("load-pretrained", "load-pretrained", "m", { data: "d" }, { model: "google/vit" }),
    stage("train", "train", "t", { data: "d", model: "m" }, { epochs: 3, betas: [0.9, 0.999] }),
    stage("evaluate", "evaluate", "e", { data: "d", model: "t" }),
  ));
  equal(parse(text), {
    seed: 3,
    stages: {
      preprocess: { dataset: "cifar10" },
      "load-pretrained": { model: "google/vit" },
      train: { epochs: 3, betas: [0.9, 0.999] },
      evaluate: {},
    },
  });
  match(text, /betas: \[ 0\.9, 0\.999 \]/);
  equal([cut, leftOut], [false, []]);
});

Deno.test("where two stages could be meant, the config says which, and which input was left out", () => {
  const { text } = sameConfig(runOf(
    stage("preprocess", "preprocess", "d", {}),
    stage("load-pretrained", "load-pretrained", "m", { data: "d" }),
    stage("freeze", "freeze", "f", { data: "d", model: "m" }),
    stage("all", "train", "t1", { data: "d", model: "m" }),
    stage("top", "train", "t2", { data: "d", model: "m", frozen: "f" }),
    stage("evaluate", "evaluate", "e", { data: "d", model: "t2" }),
    stage("before", "evaluate", "b", { data: "d", model: "m" }),
  ));
  const { stages } = parse(text);
  equal(stages.all, { uses: "train", needs: { frozen: null } });
  equal(stages.top, { uses: "train" });
  equal(stages.evaluate, { needs: { model: "top" } });
  equal(stages.before, { uses: "evaluate", needs: { model: "load-pretrained" } });
});

Deno.test("absolute paths are cut and stages of the user's own left out, with a word", () => {
  const { text, cut, leftOut } = sameConfig(runOf(
    stage("preprocess", "preprocess", "d", {}, { dataset: { imagefolder: "/home/ada/pets/" } }),
    stage("neighbours", "nearest-neighbours", "n", { data: "d" }),
  ));
  equal(parse(text).stages, { preprocess: { dataset: { imagefolder: "pets" } } });
  equal([cut, leftOut], [true, ["neighbours"]]);
});

/** 8 of 10 right: cat 5 of 5, dog 3 of 5; both mistakes are dogs taken for cats. */
const METRICS: MetricsFile = {
  images: 10,
  loss: 0.5,
  accuracy: 0.8,
  top5_accuracy: null,
  per_class: [
    { class: "cat", images: 5, correct: 5, accuracy: 1 },
    { class: "dog", images: 5, correct: 3, accuracy: 0.6 },
    { class: "frog", images: 0, correct: 0, accuracy: null },
  ],
  confusion: [[5, 0, 0], [2, 3, 0], [0, 0, 0]],
  calibration: {
    expected_calibration_error: 0.1,
    bins: [
      { from: 0.8, to: 0.9, images: 5, confidence: 0.85, accuracy: 0.8 },
      { from: 0.9, to: 1, images: 5, confidence: 0.95, accuracy: 0.8 },
    ],
  },
  mistakes: [],
};

Deno.test("the test is told with its interval and its classes, those without an image left out", () => {
  const text = describeTest(METRICS);
  // Wilson 1927 for 8 of 10 at 95 %: 49.02 % to 94.33 %.
  ok(text.includes("| accuracy | 80.00% (95% interval 49.02% to 94.33%) |"), text);
  ok(text.includes("| dog | 5 | 3 | 60.0% |"));
  ok(!text.includes("frog"));
  ok(!text.includes("top-5"));
});

Deno.test("limits name the weakest class, the commonest mistake and how far probabilities are off", () => {
  equal(limitsOf(METRICS), [
    "On the test images it is weakest at dog (3 of 5 images right) and strongest at cat (5 of 5 " +
    "images right). Its commonest mistake is to take dog for cat: 2 of 5.",
    "Its probabilities are too high: on the test images the named class has 90.0% on average, and " +
    "is right in 80.0%.",
  ]);
  const [cat] = METRICS.per_class;
  const perfect = { ...METRICS, accuracy: 0.9, per_class: [cat], confusion: [[5]] };
  equal(limitsOf(perfect), []);
});

Deno.test("the card names the base model where it is the Hub's, and the test where there was one", () => {
  const train = stage("train", "train", "t", {});
  const model = { stage: train, facts: { ...FACTS, training: TRAINING }, figures: [] };
  const front = (card: string) => parse(card.split("---\n")[1]);
  const commit = "0123456789abcdef0123456789abcdef01234567";
  const card = writeCard(
    { ...model, metrics: METRICS, base: { hub: "google/vit", commit }, cifar10: true },
    { ...runOf(train), name: "rates/b" },
  );
  const { base_model, base_model_relation, datasets, "model-index": index } = front(card);
  equal([base_model, base_model_relation, datasets], [
    "google/vit",
    "finetune",
    ["uoft-cs/cifar10"],
  ]);
  equal(index, [{
    name: "rates-b",
    results: [{
      task: { type: "image-classification", name: "Image classification" },
      dataset: { type: "uoft-cs/cifar10", name: "CIFAR-10, 10 test images", split: "test" },
      metrics: [
        { type: "accuracy", value: 0.8, name: "Accuracy" },
        { type: "loss", value: 0.5, name: "Cross-entropy, nats" },
      ],
    }],
  }]);
  match(card, /\[google\/vit\]\(https:\/\/huggingface\.co\/google\/vit\) at commit `0123456789ab`/);

  const local = writeCard({ ...model, base: { folder: "mine" }, cifar10: false }, runOf(train));
  equal(Object.keys(front(local)), ["library_name", "pipeline_tag", "tags", "metrics"]);
  match(local, /The pretrained model is the checkpoint `mine`\. It has not been measured on test/);
});

Deno.test("the card names a data set of the Hub with its config and its split", () => {
  const train = stage("train", "train", "t", {});
  const repository = "owner/pets";
  const splits = { train: "train", test: "holdout" };
  const dataset = {
    ...FACTS.dataset,
    name: repository,
    origin: { repository, config: "small", splits },
  };
  const facts = { ...FACTS, dataset, training: TRAINING };
  const model = { stage: train, facts, figures: [], metrics: METRICS, cifar10: false };
  const front = parse(writeCard(model, runOf(train)).split("---\n")[1]);
  equal(front.datasets, [repository]);
  equal(front["model-index"][0].results[0].dataset, {
    type: repository,
    name: "owner/pets, 10 test images",
    config: "small",
    split: "holdout",
  });
  // A folder of parquet files is on no Hub.
  const folder = { ...dataset, name: "parquet", origin: { config: "small", splits } };
  const own = writeCard({ ...model, facts: { ...facts, dataset: folder } }, runOf(train));
  equal(parse(own.split("---\n")[1]).datasets, undefined);
});

Deno.test("a card says of test images that are training images how many, and of others nothing", () => {
  const train = stage("train", "train", "t", {});
  const write = (test_in_train: number | undefined) => {
    const duplicates = test_in_train === undefined
      ? undefined
      : { test_in_train, test_in_validation: 0, validation_in_train: 0, across_classes: 0 };
    const dataset = { ...FACTS.dataset, duplicates };
    const facts = { ...FACTS, dataset, training: TRAINING };
    return writeCard(
      { stage: train, facts, figures: [], metrics: METRICS, cifar10: false },
      runOf(train),
    );
  };
  ok(!write(undefined).includes("training image too"));
  match(write(0), /none of which is a training image too: accuracy/);
  match(write(1), /Of these 1 is a training image too, pixel by pixel/);
  match(write(2), /Of these 2 are training images too, pixel by pixel/);
});
