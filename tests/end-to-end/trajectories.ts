import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { openSafetensors } from "../../base/safetensors.ts";
import { type Differences, largest } from "../vit/differences.ts";
import { ROOT, task, temporaryProject } from "./project.ts";

const GOLDEN = join(ROOT, "tests/fixtures/golden");

/** The fine-tuning runs of PyTorch in tests/fixtures/golden/trajectory. */
export const TRAJECTORIES = [
  "top-blocks-linear",
  "head-only-cosine",
  "full-linear",
  "last-block-sgd",
];

/** One of them, done again by the command line. */
export interface TrajectoryRun {
  readonly name: string;
  readonly features: string;
  /** From PyTorch's numbers; accuracies in images. */
  readonly differences: Differences;
}

interface Trajectory {
  config: Record<string, never>;
  steps: { step: number; learning_rate: number; loss: number; grad_norm: number }[];
  epochs: Record<string, number>[];
  test: { loss: number; accuracy: number };
}

/**
 * Runs all of them in a temporary project, each with every choice of `freeze.features`.
 * @param engine As `--engine` takes it.
 */
export async function runTrajectories(
  features: readonly string[],
  engine = "auto",
): Promise<TrajectoryRun[]> {
  const runs = TRAJECTORIES.flatMap((name) => features.map((f) => ({ name, features: f })));
  await using project = await temporaryProject(Object.fromEntries(
    runs.map(({ name, features }) => [`${name}-${features}.yaml`, config(name, features)]),
  ));
  const paths = runs.map(({ name, features }) => join(project.path, `${name}-${features}.yaml`));
  const { code, stderr } = await task("run", [...paths, "--quiet", "--engine", engine]);
  strictEqual(code, 0, stderr);
  return await Promise.all(runs.map(async (run) => ({
    ...run,
    differences: await compare(
      run.name,
      join(project.path, "outputs", `${run.name}-${run.features}`),
    ),
  })));
}

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

async function compare(name: string, run: string): Promise<Differences> {
  const expected = trajectory(name);
  const history = JSON.parse(await Deno.readTextFile(join(run, "train/history.json")));
  deepStrictEqual(steps(history), steps(expected));
  strictEqual(history.epochs.length, expected.epochs.length);
  const metrics = JSON.parse(await Deno.readTextFile(join(run, "evaluate/metrics.json")));
  const column = (rows: Record<string, number>[], key: string) => rows.map((row) => row[key]);
  const between = (rows: "steps" | "epochs", key: string) =>
    largest(column(history[rows], key), column(expected[rows] as never, key));

  using golden = await openSafetensors(join(GOLDEN, "trajectory", `${name}.safetensors`));
  using model = await openSafetensors(join(run, "train/model/model.safetensors"));
  using predictions = await openSafetensors(join(run, "evaluate/predictions.safetensors"));
  const weights = golden.names.filter((one) => one.startsWith("weights."));
  deepStrictEqual([...model.names].sort(), weights.map((one) => one.slice(8)).sort());
  return {
    learning_rate: between("steps", "learning_rate"),
    loss: Math.max(
      between("steps", "loss"),
      between("epochs", "train_loss"),
      between("epochs", "validation_loss"),
      Math.abs(metrics.loss - expected.test.loss),
    ),
    grad_norm: between("steps", "grad_norm"),
    // The folder has 80 images to train on, 30 to validate and 30 to test.
    images: Math.max(
      80 * between("epochs", "train_accuracy"),
      30 * between("epochs", "validation_accuracy"),
      30 * Math.abs(metrics.accuracy - expected.test.accuracy),
    ),
    weights: Math.max(
      ...weights.map((one) => largest(model.float32(one.slice(8)), golden.float32(one))),
    ),
    test_logits: largest(predictions.float32("logits"), golden.float32("test_logits")),
  };
}

const steps = (of: { steps: { step: number }[] }) => of.steps.map(({ step }) => step);
