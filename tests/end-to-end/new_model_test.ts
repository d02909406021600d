import { deepStrictEqual as equal, match, ok, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { robustnessFile, trainingFile } from "../../stages/evaluate/files.ts";
import { newParametersFile } from "../../stages/new-model/files.ts";
import { ROOT, task, temporaryProject } from "./project.ts";

const read = (...path: string[]) => JSON.parse(Deno.readTextFileSync(join(...path)));

const NETWORKS = {
  vit: { architecture: "vit", blocks: 1, heads: 2, hidden_size: 8, patch_size: 8 },
  cnn: { architecture: "cnn", channels: [4, 6], convolutions: 1 },
  rnn: { architecture: "rnn", cell: "gru", hidden_size: 8 },
};

Deno.test("a network of each kind is made, trained, scored as it is and on changed images", async () => {
  const images = join(ROOT, "tests/fixtures/golden/imagefolder");
  const stages = Object.entries(NETWORKS).flatMap(([name, network]) => [
    [name, { uses: "new-model", ...network }],
    [`train-${name}`, { uses: "train", needs: { model: name }, epochs: 2, batch_size: 8 }],
    [`test-${name}`, {
      uses: "evaluate",
      needs: { model: `train-${name}` },
      perturb: { shift: [0, 5], shuffle_patches: [32, 8] },
    }],
  ]);
  await using project = await temporaryProject({
    "new.yaml": JSON.stringify({
      stages: {
        preprocess: { dataset: { imagefolder: images }, image_size: 32 },
        ...Object.fromEntries(stages),
        "worked-example": { needs: { measured: Object.keys(NETWORKS).map((n) => `test-${n}`) } },
      },
    }),
  });
  const { code, stderr } = await task("run", [join(project.path, "new.yaml"), "--quiet"]);
  strictEqual(code, 0, stderr);

  const outputs = join(project.path, "outputs/new");
  for (const name of Object.keys(NETWORKS)) {
    const { total, parts, initial } = newParametersFile.parse(
      read(outputs, name, "parameters.json"),
    );
    strictEqual(initial, "random");
    strictEqual(total, parts.reduce((sum, part) => sum + part.parameters, 0));
    const metrics = read(outputs, `test-${name}`, "metrics.json");
    equal(metrics.model, { family: name, parameters: total });
    const history = read(outputs, `train-${name}`, "history.json");
    const training = trainingFile.parse(read(outputs, `test-${name}`, "training.json"));
    equal(
      training.epochs.map((epoch) => [epoch.images_seen, epoch.train_accuracy]),
      history.epochs.map((epoch: { train_accuracy: number }, i: number) => [
        (i + 1) * history.images.train,
        epoch.train_accuracy,
      ]),
    );
    const robust = robustnessFile.parse(read(outputs, `test-${name}`, "robustness.json"));
    // What moves nothing changes nothing.
    strictEqual(robust.shift[0].accuracy, metrics.accuracy);
    equal(robust.shuffle_patches.map(({ patch_size, patches }) => [patch_size, patches]), [
      [8, 16],
      [32, 1],
    ]);
    strictEqual(robust.shuffle_patches[1].accuracy, metrics.accuracy);
    ok(Math.abs(robust.shuffle_patches[1].loss - metrics.loss) < 1e-6);
    ok(robust.shift[1].loss !== metrics.loss, "moving the images changed no logit");
  }
  const comparison = Deno.readTextFileSync(join(outputs, "worked-example/comparison.md"));
  match(comparison, /Moved by 5 pixels: Transformer .* points\), CNN /);

  // transformers could not load it.
  const exported = await task("export", [outputs, join(project.path, "exported")]);
  match(
    exported.stderr,
    /Cannot export .*: the model of "train-rnn" is an RNN, which transformers has no class for/,
  );
});
