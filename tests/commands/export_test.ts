import {
  deepStrictEqual as equal,
  match,
  ok,
  rejects,
  strictEqual,
  throws,
} from "node:assert/strict";
import { join } from "node:path";
import { parse } from "yaml";
import { writeCard } from "../../commands/export/card.ts";
import { sameConfig } from "../../commands/export/config.ts";
import type { ExportedRun, RunStage } from "../../commands/export/stages.ts";
import { describeTest, limitsOf } from "../../commands/export/test_results.ts";
import { checkTarget, EXPORT_FILE, writeFolder } from "../../commands/export/write.ts";
import { type Disk, realDisk } from "../../pipeline/disk.ts";
import { markRunning } from "../../pipeline/running.ts";
import type { MetricsFile } from "../../stages/evaluate/files.ts";
import { FACTS, TRAINING } from "../stages/card_facts.ts";
import { CommandProject } from "./project.ts";

const DIGEST = "0".repeat(64);

function runJson(name: string, stages: Record<string, string>): string {
  return JSON.stringify({
    name,
    config: "configs/pets.yaml",
    parameters: {},
    seed: 0,
    engine: null,
    started: "2026-03-01T10:00:00.000Z",
    seconds: 12,
    stages: Object.entries(stages).map(([name, status]) => ({
      name,
      kind: name,
      key: null,
      status,
      reason: "",
      seconds: 0,
    })),
  });
}

Deno.test("what is no run that can be exported is told in a sentence, with exit 2", async () => {
  await using project = await CommandProject.create({
    "outputs/pets/run.json": runJson("pets", { "load-pretrained": "ran", train: "failed" }),
    "outputs/theory/run.json": runJson("theory", { "worked-example": "ran" }),
    "outputs/rates/sweep.json": JSON.stringify({
      metric: "validation_accuracy",
      points: [{ name: "b", parameters: {}, status: "ran", validation_accuracy: 0.5 }],
      best: "b",
    }),
    "outputs/rates/b/run.json": runJson("rates/b", {}),
    "outputs/odd/run.json": "{}",
  });
  const told = async (run: string) => {
    const { code, stdout, stderr } = await project.command("export", run, "out");
    equal([code, stdout, project.list("out")], [2, "", []]);
    return stderr.replaceAll(project.path, "").trim().split("\n");
  };
  equal(await told("petz"), ['Cannot find a run "petz" in /outputs: did you mean "pets"?']);
  equal(await told("outputs/pets"), [
    'Cannot export "pets": its stage "train" has no finished model (failed)',
    "Finish it first: deno task run configs/pets.yaml",
  ]);
  equal(await told("theory"), ['Cannot export "theory": none of its stages makes a model']);
  equal(await told("rates"), [
    'Cannot export "rates": it is a sweep, and one of its runs is wanted',
    "Name a run of it: rates/b, its best, for example",
  ]);
  equal(await told("odd"), [
    "Cannot read /outputs/odd/run.json: it is not what a run leaves behind",
    "Run the config again",
  ]);
});

Deno.test("a run that is at work, or never came to its end, is not exported", async () => {
  await using project = await CommandProject.create({
    "outputs/pets/run.json": runJson("pets", { train: "ran" }),
    "outputs/cats/events.jsonl": JSON.stringify({
      time: "2026-03-01T10:00:00.000Z",
      type: "run-started",
      name: "cats",
      config: "/a.yaml",
      stages: ["train"],
    }) + "\n",
  });
  const told = async (run: string) => (await project.command("export", run, "out")).stderr;
  using _ = markRunning(join(project.path, "outputs"), "pets");
  match(await told("pets"), /^Cannot export "pets": a process is at work at it\n/);
  match(await told("cats"), /^Cannot export "cats": it has not come to an end yet \(stopped\)\n/);
});

/** A folder for a test, removed afterwards. */
async function withFolder(body: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "vitrine-export-" });
  try {
    await body(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const ABOUT = { run: "pets", stage: "train", content: DIGEST };
const NEVER = new AbortController().signal;
const texts = (text: string) => [
  { name: "README.md", text },
  { name: "figures/a.png", text: "picture" },
];
const namesIn = (folder: string) => [...Deno.readDirSync(folder)].map(({ name }) => name).sort();

Deno.test("a target is taken where it is missing or empty, and refused where it is anything else", async () => {
  await withFolder(async (folder) => {
    const out = join(folder, "out");
    checkTarget(realDisk, out, false);
    Deno.mkdirSync(out);
    checkTarget(realDisk, out, false);
    Deno.writeTextFileSync(join(out, "notes.txt"), "mine");
    throws(() => checkTarget(realDisk, out, false), /the folder is not empty; name another$/);
    throws(() => checkTarget(realDisk, out, true), /is not empty, and no export made it$/);
    throws(() => checkTarget(realDisk, join(out, "notes.txt"), true), /a file of that name$/);
    // An empty folder inside is something, too.
    const nested = join(folder, "nested");
    Deno.mkdirSync(join(nested, "empty"), { recursive: true });
    throws(() => checkTarget(realDisk, nested, false), /not empty/);
    await Promise.resolve();
  });
});

Deno.test("an earlier export is replaced with --force only, and nothing that others put into it", async () => {
  await withFolder(async (folder) => {
    const out = join(folder, "out");
    await writeFolder(realDisk, out, texts("first"), ABOUT, NEVER);
    throws(() => checkTarget(realDisk, out, false), /an earlier export is there; --force replaces/);
    checkTarget(realDisk, out, true);
    Deno.mkdirSync(join(out, ".git"));
    Deno.writeTextFileSync(join(out, ".git/HEAD"), "ref");
    throws(
      () => checkTarget(realDisk, out, true),
      /\.git\/HEAD in it is not of the earlier export/,
    );
    Deno.removeSync(join(out, ".git"), { recursive: true });
    await writeFolder(realDisk, out, [{ name: "README.md", text: "second" }], ABOUT, NEVER);
    strictEqual(Deno.readTextFileSync(join(out, "README.md")), "second");
    equal(namesIn(out), ["README.md", EXPORT_FILE]);
    equal(namesIn(folder), ["out"]);
  });
});

/** A disk of which one call fails. */
function failing(call: "write" | "copy" | "rename" | "sync", onCall: number): Disk {
  let calls = 0;
  const fail = () => {
    if (++calls === onCall) {
      throw Object.assign(new Error("No space left on device (os error 28)"), { code: "ENOSPC" });
    }
  };
  const real = realDisk[call] as (...args: unknown[]) => unknown;
  return {
    ...realDisk,
    [call]: (...args: unknown[]) => {
      fail();
      return real(...args);
    },
  };
}

Deno.test("a disk that fails at any call leaves what was there, and nothing beside it", async () => {
  // Two texts and the list: three writes; each is synced, then two folders and the one above; the
  // old folder is renamed, then the new one.
  for (const [call, times] of [["write", 3], ["sync", 5], ["rename", 2]] as const) {
    for (let onCall = 1; onCall <= times; onCall++) {
      await withFolder(async (folder) => {
        const out = join(folder, "out");
        await writeFolder(realDisk, out, texts("first"), ABOUT, NEVER);
        const disk = failing(call, onCall);
        await rejects(writeFolder(disk, out, texts("second"), ABOUT, NEVER), /the disk is full/);
        strictEqual(
          Deno.readTextFileSync(join(out, "README.md")),
          "first",
          `${call}, call ${onCall}`,
        );
        equal(namesIn(folder), ["out"]);
        checkTarget(realDisk, out, true);
      });
    }
  }
});

Deno.test("a file that is not what was published stops the export", async () => {
  await withFolder(async (folder) => {
    Deno.writeTextFileSync(join(folder, "model.safetensors"), "weights");
    const out = join(folder, "out");
    const write = (size: number, sha256: string) => {
      const files = { "model.safetensors": { size, sha256 } };
      const record = { format: 1, kind: "train", key: DIGEST, content: DIGEST, files };
      const from = {
        folder,
        record: { ...record, record: { kind: "train" }, made: { started: "", seconds: 0 } },
      };
      const file = { name: "model.safetensors", from, file: "model.safetensors" };
      return writeFolder(realDisk, out, [file], ABOUT, NEVER);
    };
    await rejects(write(7, DIGEST), /its bytes are not those that were published/);
    await rejects(write(8, DIGEST), /it has 7 bytes, not 8/);
    equal(namesIn(folder), ["model.safetensors"]);
    // printf weights | sha256sum
    const right = "9a129038d9a00aed0cf6a7ea059ca50a813449061ab87848cf1a13eafdf33b2c";
    await write(7, right);
    strictEqual(Deno.readTextFileSync(join(out, "model.safetensors")), "weights");
    Deno.removeSync(join(folder, "model.safetensors"));
    await rejects(write(7, DIGEST), /it is missing/);
  });
});

Deno.test("an interrupted export leaves nothing", async () => {
  await withFolder(async (folder) => {
    const stop = new AbortController();
    stop.abort();
    await rejects(writeFolder(realDisk, join(folder, "out"), texts("x"), ABOUT, stop.signal));
    equal(namesIn(folder), []);
  });
});

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
