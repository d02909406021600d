import { match, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { ROOT, statuses, task, temporaryProject } from "./project.ts";

const GOLDEN = join(ROOT, "tests/fixtures/golden");
const preprocess = { dataset: { imagefolder: join(GOLDEN, "imagefolder") } };
const model = { model: join(GOLDEN, "vit") };

/** What goes wrong only once a run is at work: the config, the stage that fails, and its sentence. */
const MISTAKES: Record<string, { stages: Record<string, unknown>; fails: string; says: RegExp }> = {
  "a learning rate that spoils the weights in the last step of an epoch": {
    stages: {
      preprocess,
      "load-pretrained": model,
      train: {
        epochs: 1,
        batch_size: 80,
        optimizer: { learning_rate: 1e30 },
        schedule: { name: "constant", warmup_ratio: 0 },
      },
    },
    fails: "train",
    says: /after epoch 1 the loss is no finite number\n.*Try a learning rate below 1e\+30/,
  },
  "what another model's freeze made": {
    stages: {
      preprocess,
      one: { uses: "load-pretrained", ...model },
      two: { uses: "load-pretrained", model: join(GOLDEN, "vit-nobias-gelunew") },
      freeze: { needs: { model: "one" } },
      train: { needs: { model: "two" } },
    },
    fails: "train",
    says: /made from another "model" than train reads\n.*needs: \{ model: … \}/,
  },
  "what freeze made of other images": {
    stages: {
      one: { uses: "preprocess", ...preprocess },
      two: { uses: "preprocess", ...preprocess, image_size: 32, limit: { train: 50 } },
      "load-pretrained": { ...model, needs: { data: "one" } },
      freeze: { needs: { data: "one" } },
      train: { needs: { data: "two" } },
    },
    fails: "train",
    says: /made from another "data" than train reads\n.*needs: \{ data: … \}/,
  },
  "a head that does not fit": {
    stages: {
      preprocess,
      "load-pretrained": { model: join(ROOT, "models/vit-tiny-patch8-64"), head: "keep" },
    },
    fails: "load-pretrained",
    says: /it has no class "airplane", which the data has\n.*head: reinit/,
  },
};

for (const [name, { stages, fails, says }] of Object.entries(MISTAKES)) {
  Deno.test(`refused in words: ${name}`, async () => {
    await using project = await temporaryProject({ "wrong.yaml": JSON.stringify({ stages }) });
    const { code, stdout, stderr } = await task("run", [join(project.path, "wrong.yaml")]);
    strictEqual(code, 1, stdout + stderr);
    strictEqual(statuses(join(project.path, "outputs/wrong"))[fails], "failed", stdout + stderr);
    match(stdout + stderr, says);
  });
}

Deno.test("no test images where a stage needs some is a mistake in the config", async () => {
  const dataset = { imagefolder: join(GOLDEN, "imagefolder/train") };
  const stages = { preprocess: { dataset, test: 0 }, "load-pretrained": model, evaluate: {} };
  await using project = await temporaryProject({ "wrong.yaml": JSON.stringify({ stages }) });
  const { code, stderr } = await task("run", [join(project.path, "wrong.yaml")]);
  strictEqual(code, 2);
  match(stderr, /Cannot use 0 for "test": "evaluate" needs test images/);
});
