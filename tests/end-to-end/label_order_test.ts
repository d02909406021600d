import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { dirname, join } from "node:path";
import { openSafetensors, writeSafetensors } from "../../base/safetensors.ts";
import { ROOT, task, temporaryProject } from "./project.ts";

const GOLDEN = join(ROOT, "tests/fixtures/golden");
/** PyTorch's run of the model whose labels are in the data's order. */
const NAME = "full-linear";
/** Class i of the model made here is class ORDER[i] of the data. */
const ORDER = [4, 7, 0, 3, 6, 9, 2, 5, 8, 1];

// Tolerances of the fixtures' README: what float32 on another backend can keep.
const LOSS = 2e-4;
const LOGITS = 1e-3;

Deno.test("a kept head whose labels are in another order than the data's learns and scores the same", async () => {
  const expected = JSON.parse(
    await Deno.readTextFile(join(GOLDEN, "trajectory", `${NAME}.json`)),
  );
  await using project = await temporaryProject({ "order.yaml": config(expected.config) });
  const names = await reordered(join(project.path, "model"));
  const { code, stderr } = await task("run", [join(project.path, "order.yaml")]);
  strictEqual(code, 0, stderr);
  const run = join(project.path, "outputs/order");
  const json = (path: string) => JSON.parse(Deno.readTextFileSync(join(run, path)));

  const history = json("train/history.json");
  expected.steps.forEach(({ loss }: { loss: number }, i: number) => {
    near(history.steps[i].loss, loss, LOSS, `loss of step ${i}`);
  });
  expected.epochs.forEach((epoch: Record<string, number>, i: number) => {
    near(history.epochs[i].validation_loss, epoch.validation_loss, LOSS, `epoch ${i}`);
    near(history.epochs[i].train_accuracy, epoch.train_accuracy, 1 / 80 + 1e-6, `epoch ${i}`);
  });

  const metrics = json("evaluate/metrics.json");
  near(metrics.loss, expected.test.loss, LOSS, "test loss");
  near(metrics.accuracy, expected.test.accuracy, 1 / 30 + 1e-6, "test accuracy");
  deepStrictEqual(metrics.per_class.map((one: { class: string }) => one.class), names);

  // In path order: three images of each class of the data.
  using golden = await openSafetensors(join(GOLDEN, "trajectory", `${NAME}.safetensors`));
  using predictions = await openSafetensors(join(run, "evaluate/predictions.safetensors"));
  const inOurs = golden.float32("test_logits");
  predictions.float32("logits").forEach((logit, i) => {
    near(logit, inOurs[i - i % 10 + ORDER[i % 10]], LOGITS, `test logit ${i}`);
  });
  const labels = new Int32Array(predictions.read("labels").buffer);
  deepStrictEqual([...labels], Array.from({ length: 30 }, (_, i) => ORDER.indexOf(i / 3 | 0)));

  const { classes, images } = json("visualize/attention.json");
  const data: string[] = json("preprocess/dataset.json").classes;
  deepStrictEqual(
    images.map(({ label }: { label: number }) => classes[label]),
    images.map(({ index }: { index: number }) => data[index / 3 | 0]),
  );
});

// deno-lint-ignore no-explicit-any -- JSON of a fixture
function config(of: any): string {
  return JSON.stringify({
    stages: {
      preprocess: { dataset: { imagefolder: join(GOLDEN, "imagefolder") } },
      "load-pretrained": { model: "model", head: "keep" },
      freeze: { embeddings: of.freeze_embeddings, blocks: of.freeze_blocks, features: "off" },
      train: {
        epochs: of.epochs,
        batch_size: of.batch_size,
        shuffle: false,
        optimizer: {
          name: "adamw",
          betas: of.betas,
          epsilon: of.epsilon,
          learning_rate: of.learning_rate,
          weight_decay: of.weight_decay,
        },
        schedule: { name: of.schedule, warmup_ratio: of.warmup_ratio },
        clip_norm: of.clip_norm,
        label_smoothing: of.label_smoothing,
      },
      evaluate: {},
      visualize: { images: 4, measured: 4 },
    },
  });
}

/** Writes the fixture's model with its classes in ORDER. @returns their names. */
async function reordered(folder: string): Promise<string[]> {
  const source = join(GOLDEN, "vit");
  const path = join(folder, "model.safetensors");
  await Deno.mkdir(dirname(path));
  await Deno.copyFile(
    join(source, "preprocessor_config.json"),
    join(folder, "preprocessor_config.json"),
  );
  const json = JSON.parse(await Deno.readTextFile(join(source, "config.json")));
  const names: string[] = ORDER.map((old) => json.id2label[old]);
  json.id2label = Object.fromEntries(names.map((name, i) => [i, name]));
  json.label2id = Object.fromEntries(names.map((name, i) => [name, i]));
  await Deno.writeTextFile(join(folder, "config.json"), JSON.stringify(json));

  using file = await openSafetensors(join(source, "model.safetensors"));
  await writeSafetensors(
    path,
    Object.fromEntries(file.names.map((name) => {
      const { dtype, shape } = file.info(name);
      const rows = name.startsWith("classifier.") ? ORDER : undefined;
      return [name, { dtype, shape, data: rows ? file.rowsAtSync(name, rows) : file.read(name) }];
    })),
    { format: "pt" },
  );
  return names;
}

function near(actual: number, expected: number, tolerance: number, what: string): void {
  ok(Math.abs(actual - expected) <= tolerance, `${what}: ${actual}, in PyTorch ${expected}`);
}
