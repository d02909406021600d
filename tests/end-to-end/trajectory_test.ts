import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { openSafetensors } from "../../base/safetensors.ts";
import { ROOT, task, temporaryProject } from "./project.ts";

/**
 * The fine-tuning runs of PyTorch in tests/fixtures/golden/trajectory, done again by the command
 * line. Tolerances are those of the fixtures' README: what float32 on another backend can keep.
 */
const LOSS = 2e-4;
const GRADIENT_NORM = 2e-3;
const WEIGHTS = 5e-4;
const LOGITS = 1e-3;

const GOLDEN = join(ROOT, "tests/fixtures/golden");
const NAMES = ["top-blocks-linear", "head-only-cosine", "full-linear", "last-block-sgd"];
const FEATURES = ["off", "float32"];

interface Trajectory {
  config: Record<string, never>;
  steps: { step: number; learning_rate: number; loss: number; grad_norm: number }[];
  epochs: Record<string, number>[];
  test: { loss: number; accuracy: number };
}

Deno.test("configs give the trajectories of PyTorch, with features and without", async (t) => {
  const runs = NAMES.flatMap((name) => FEATURES.map((features) => ({ name, features })));
  await using project = await temporaryProject(Object.fromEntries(
    runs.map(({ name, features }) => [`${name}-${features}.yaml`, config(name, features)]),
  ));
  const paths = runs.map(({ name, features }) => join(project.path, `${name}-${features}.yaml`));
  const { code, stderr } = await task("run", [...paths, "--quiet"]);
  strictEqual(code, 0, stderr);
  for (const { name, features } of runs) {
    await t.step(`${name}, features ${features}`, async () => {
      await compare(name, join(project.path, "outputs", `${name}-${features}`));
    });
  }
});

function trajectory(name: string): Trajectory {
  return JSON.parse(Deno.readTextFileSync(join(GOLDEN, "trajectory", `${name}.json`)));
}

/** The config.yaml of a trajectory. JSON is YAML. */
function config(name: string, features: string): string {
  const { config: c } = trajectory(name);
  const optimizer = c.optimizer === "adamw"
    ? { name: "adamw", betas: c.betas, epsilon: c.epsilon }
    : { name: "sgd", momentum: c.momentum };
  return JSON.stringify({
    stages: {
      preprocess: { dataset: { imagefolder: join(GOLDEN, "imagefolder") } },
      "load-pretrained": { model: join(GOLDEN, c.checkpoint), head: "keep" },
      freeze: { embeddings: c.freeze_embeddings, blocks: c.freeze_blocks, features },
      train: {
        epochs: c.epochs,
        batch_size: c.batch_size,
        shuffle: false,
        optimizer: { ...optimizer, learning_rate: c.learning_rate, weight_decay: c.weight_decay },
        schedule: { name: c.schedule, warmup_ratio: c.warmup_ratio },
        clip_norm: c.clip_norm,
        label_smoothing: c.label_smoothing,
      },
      evaluate: {},
    },
  });
}

async function compare(name: string, run: string): Promise<void> {
  const expected = trajectory(name);
  const history = JSON.parse(await Deno.readTextFile(join(run, "train/history.json")));
  strictEqual(history.steps.length, expected.steps.length);
  expected.steps.forEach((step, i) => {
    const actual = history.steps[i];
    strictEqual(actual.step, step.step);
    near(actual.learning_rate, step.learning_rate, 1e-9, `learning rate of step ${i}`);
    near(actual.loss, step.loss, LOSS, `loss of step ${i}`);
    near(actual.grad_norm, step.grad_norm, GRADIENT_NORM, `gradient norm of step ${i}`);
  });
  strictEqual(history.epochs.length, expected.epochs.length);
  expected.epochs.forEach((epoch, i) => {
    for (const split of ["train", "validation"]) {
      near(history.epochs[i][`${split}_loss`], epoch[`${split}_loss`], LOSS, `${split} loss ${i}`);
      const image = split === "train" ? 1 / 80 : 1 / 30;
      const accuracy = `${split}_accuracy`;
      near(history.epochs[i][accuracy], epoch[accuracy], image + 1e-6, `${split} accuracy ${i}`);
    }
  });
  const metrics = JSON.parse(await Deno.readTextFile(join(run, "evaluate/metrics.json")));
  near(metrics.loss, expected.test.loss, LOSS, "test loss");
  near(metrics.accuracy, expected.test.accuracy, 1 / 30 + 1e-6, "test accuracy");

  using golden = await openSafetensors(join(GOLDEN, "trajectory", `${name}.safetensors`));
  using model = await openSafetensors(join(run, "train/model/model.safetensors"));
  using predictions = await openSafetensors(join(run, "evaluate/predictions.safetensors"));
  largest(predictions.float32("logits"), golden.float32("test_logits"), LOGITS, "test logits");
  const weights = golden.names.filter((one) => one.startsWith("weights."));
  deepStrictEqual([...model.names].sort(), weights.map((one) => one.slice(8)).sort());
  for (const one of weights) {
    largest(model.float32(one.slice(8)), golden.float32(one), WEIGHTS, one);
  }
}

function near(actual: number, expected: number, tolerance: number, what: string): void {
  ok(Math.abs(actual - expected) <= tolerance, `${what}: ${actual}, in PyTorch ${expected}`);
}

function largest(actual: Float32Array, expected: Float32Array, tolerance: number, what: string) {
  strictEqual(actual.length, expected.length, what);
  actual.forEach((value, i) => near(value, expected[i], tolerance, `${what} at ${i}`));
}
