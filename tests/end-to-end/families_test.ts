import { ok, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { openSafetensors } from "../../base/safetensors.ts";
import { ROOT, task, temporaryProject } from "./project.ts";

/** What PyTorch makes of the golden image folder with the golden checkpoints; see the script there. */
const EXPECTED = join(ROOT, "tests/fixtures/families/image_logits.safetensors");
const GOLDEN = join(ROOT, "tests/fixtures/golden");
const NAMES = ["deit", "deit-teacher", "dinov2", "dinov2-swiglu", "dinov2-registers"];
// Those of the golden fixtures' README.
const LOGITS = 2e-5;
const LOSS = 2e-4;

const stages = (name: string) => ({
  preprocess: { dataset: { imagefolder: join(GOLDEN, "imagefolder") } },
  "load-pretrained": { model: join(GOLDEN, name), head: "keep" },
  evaluate: {},
});

/** Fine-tunes as well: what is frozen, and from where. */
const training = (blocks: number, features: string) => ({
  freeze: { blocks, features },
  train: { epochs: 1, batch_size: 16, shuffle: false },
});

Deno.test("every family is scored as by PyTorch, and trained alike with features and without", async (t) => {
  const configs = Object.fromEntries(NAMES.flatMap((name) => [
    [`${name}.yaml`, { stages: { ...stages(name), visualize: { images: 2 } } }],
    ...[2, 4].flatMap((blocks) =>
      ["off", "float32"].map((features) => [
        `${name}-${blocks}-${features}.yaml`,
        { stages: { ...stages(name), ...training(blocks, features) } },
      ])
    ),
  ]));
  await using project = await temporaryProject(
    Object.fromEntries(Object.entries(configs).map(([file, it]) => [file, JSON.stringify(it)])),
  );
  const paths = Object.keys(configs).map((file) => join(project.path, file));
  const { code, stderr } = await task("run", [...paths, "--quiet"]);
  strictEqual(code, 0, stderr);
  const outputs = join(project.path, "outputs");
  using expected = await openSafetensors(EXPECTED);
  for (const name of NAMES) {
    await t.step(name, async () => {
      using found = await openSafetensors(join(outputs, name, "evaluate/predictions.safetensors"));
      const [logits, theirs] = [found.float32("logits"), expected.float32(name)];
      strictEqual(logits.length, theirs.length);
      logits.forEach((logit, i) => near(logit, theirs[i], LOGITS, `logit ${i}`));
      for (const blocks of [2, 4]) {
        const [off, kept] = await Promise.all(["off", "float32"].map(async (features) => {
          const path = join(outputs, `${name}-${blocks}-${features}`, "train/history.json");
          return JSON.parse(await Deno.readTextFile(path));
        }));
        strictEqual(kept.steps.length, 5);
        for (const [i, { loss }] of off.steps.entries()) {
          near(kept.steps[i].loss, loss, LOSS, `loss of step ${i} above ${blocks} blocks`);
        }
        near(
          kept.epochs[0].validation_loss,
          off.epochs[0].validation_loss,
          LOSS,
          `validation loss above ${blocks} blocks`,
        );
      }
    });
  }
});

function near(actual: number, expected: number, tolerance: number, what: string) {
  ok(Math.abs(actual - expected) <= tolerance, `${what} is ${actual}, not ${expected}`);
}
