import {
  deepStrictEqual as equal,
  match,
  notStrictEqual,
  ok,
  strictEqual,
} from "node:assert/strict";
import { join } from "node:path";
import { ROOT, startTask, statuses, task, temporaryProject } from "./project.ts";

const GOLDEN = join(ROOT, "tests/fixtures/golden");

/** 80 images to train on, 30 to validate; the parameters of train on top of a few. JSON is YAML. */
function config(name: string, train: Record<string, unknown>): string {
  return JSON.stringify({
    name,
    stages: {
      preprocess: { dataset: { imagefolder: join(GOLDEN, "imagefolder") } },
      "load-pretrained": { model: join(GOLDEN, "vit"), head: "reinit" },
      freeze: { blocks: 2, features: "float32" },
      train: { batch_size: 16, optimizer: { learning_rate: 5e-3 }, ...train },
    },
  });
}

interface History {
  steps: { step: number; learning_rate: number; loss: number; grad_norm: number }[];
  epochs: { validation_loss: number; validation_accuracy: number }[];
  published_epoch?: number;
}

/** Runs configs in a project of their own. */
async function runAll(trains: Record<string, Record<string, unknown>>) {
  const files = Object.entries(trains).map((
    [name, train],
  ) => [`${name}.yaml`, config(name, train)]);
  const project = await temporaryProject(Object.fromEntries(files));
  const paths = files.map(([file]) => join(project.path, file));
  const { code, stderr } = await task("run", [...paths, "--threads", "1", "--quiet"]);
  strictEqual(code, 0, stderr);
  const folder = (name: string) => join(project.path, "outputs", name, "train");
  return {
    history: (name: string): History =>
      JSON.parse(Deno.readTextFileSync(join(folder(name), "history.json"))),
    weights: (name: string) => digestOf(join(folder(name), "model/model.safetensors")),
    card: (name: string) => Deno.readTextFileSync(join(folder(name), "model/README.md")),
    [Symbol.asyncDispose]: () => project[Symbol.asyncDispose](),
  };
}

async function digestOf(path: string): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", await Deno.readFile(path))).toHex();
}

/** At a rate that stays what it is, a shorter training is the start of a longer one. */
const STEADY = { schedule: { name: "constant", warmup_ratio: 0 } };

Deno.test("the best epoch's model is that of a training that ended there", async () => {
  await using all = await runAll({
    whole: { ...STEADY, epochs: 6 },
    best: { ...STEADY, epochs: 6, keep: "best" },
  });
  const { epochs } = all.history("whole");
  const { published_epoch: published, ...rest } = all.history("best");
  equal(rest, all.history("whole"), "but for that epoch the history is the same");
  const [accuracies, losses] = [
    epochs.map((epoch) => epoch.validation_accuracy),
    epochs.map((epoch) => epoch.validation_loss),
  ];
  const highest = Math.max(...accuracies);
  const lowest = Math.min(...losses.filter((_, i) => accuracies[i] === highest));
  strictEqual(published, losses.indexOf(lowest));
  ok(published < 5, "or else this test tests nothing");

  await using ended = await runAll({ short: { ...STEADY, epochs: published + 1 } });
  strictEqual(await all.weights("best"), await ended.weights("short"));
  notStrictEqual(await all.weights("best"), await all.weights("whole"));
  match(all.card("best"), new RegExp(`After epoch ${published + 1}, whose model this is: `));
});

Deno.test("patience ends a training where a longer one would go on", async () => {
  await using all = await runAll({
    whole: { ...STEADY, epochs: 8 },
    patient: { ...STEADY, epochs: 8, patience: 2 },
  });
  const losses = all.history("whole").epochs.map((epoch) => epoch.validation_loss);
  // The first epoch after which two in a row had not come below the lowest before them.
  const end = losses.findIndex((_, i) =>
    i >= 2 && Math.min(losses[i - 1], losses[i]) >= Math.min(...losses.slice(0, i - 1))
  );
  ok(end >= 2 && end < 7, "or else this test tests nothing");
  equal(all.history("patient").epochs, all.history("whole").epochs.slice(0, end + 1));
  match(all.card("patient"), new RegExp(`stopped early, after ${end + 1}: `));
});

Deno.test("two batches of 12 are a step of 24, also where an epoch's images run out", async () => {
  await using all = await runAll({
    large: { epochs: 2, batch_size: 24, class_weights: { cat: 3 } },
    parts: { epochs: 2, batch_size: 12, accumulate: 2, class_weights: { cat: 3 } },
  });
  const [large, parts] = [all.history("large").steps, all.history("parts").steps];
  strictEqual(large.length, 8);
  strictEqual(parts.length, 8);
  for (const [i, step] of parts.entries()) {
    strictEqual(step.learning_rate, large[i].learning_rate);
    ok(Math.abs(step.loss - large[i].loss) < 2e-4, `loss of step ${i}`);
    ok(Math.abs(step.grad_norm - large[i].grad_norm) < 2e-3, `gradient norm of step ${i}`);
  }
});

const EVERYTHING = {
  epochs: 16,
  batch_size: 8,
  accumulate: 2,
  layer_decay: 0.8,
  class_weights: "balanced",
  keep: "best",
  augment: { crop: { scale: [0.5, 1] }, flip: 0.5, jitter: { hue: 0.1 }, mixup: 0.4, cutmix: 1 },
};

Deno.test("an augmented training that is killed goes on, and ends with the same bytes", async () => {
  await using whole = await runAll({ long: EVERYTHING });
  await using project = await temporaryProject({ "long.yaml": config("long", EVERYTHING) });
  const path = join(project.path, "long.yaml");
  const child = startTask("run", [path, "--threads", "1"]);
  await child.until(/epoch 5\/16:/);
  child.kill("SIGKILL");
  await child.ended;
  const again = await task("run", [path, "--threads", "1"]);
  strictEqual(again.code, 0, again.stderr);
  strictEqual(statuses(join(project.path, "outputs/long")).train, "resumed");
  const folder = join(project.path, "outputs/long/train");
  equal(JSON.parse(await Deno.readTextFile(join(folder, "history.json"))), whole.history("long"));
  strictEqual(
    await digestOf(join(folder, "model/model.safetensors")),
    await whole.weights("long"),
  );
});

Deno.test("what cannot work together is said before anything runs", async () => {
  await using project = await temporaryProject({
    "bad.yaml": config("bad", {
      batch_size: 1,
      keep: "best",
      patience: 2,
      class_weights: { cat: 2, unicorn: 3 },
      augment: { mixup: 1 },
    }),
  });
  const { code, stderr } = await task("run", [
    join(project.path, "bad.yaml"),
    ...["--set", "preprocess.validation=0"],
  ]);
  strictEqual(code, 2);
  match(stderr, /"best" for "keep": preprocess holds no validation images back/);
  match(stderr, /2 for "patience": preprocess holds no validation images back/);
  match(stderr, /"unicorn" a weight .*"truck"/);
  match(stderr, /1 for "augment\.mixup": a batch of one image has no other/);
});
