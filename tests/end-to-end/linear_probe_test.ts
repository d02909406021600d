import { deepStrictEqual as equal, match, ok, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { ROOT, statuses, task, temporaryProject } from "./project.ts";

const FIXTURES = join(ROOT, "tests/fixtures");

type Stages = Record<string, Record<string, unknown>>;

/** JSON is YAML. */
const config = (name: string, model: string, stages: Stages) =>
  JSON.stringify({
    name,
    stages: {
      preprocess: { dataset: { imagefolder: join(FIXTURES, "golden/imagefolder") } },
      "load-pretrained": { model, head: "reinit" },
      ...stages,
    },
  });

const read = (...path: string[]) => JSON.parse(Deno.readTextFileSync(join(...path)));

/** One head on the class token, the mean of two, and one on the class token joined with the mean of
 * the patches; from activations above and below the last blocks, and from pixels. */
const PROBES: Record<string, { model: string; freeze?: Record<string, unknown> }> = {
  above: { model: "golden/vit", freeze: { blocks: 4, features: "float32" } },
  between: { model: "golden/vit", freeze: { blocks: 1, features: "float32" } },
  pixels: { model: "golden/vit" },
  teacher: { model: "families/deit-teacher", freeze: { blocks: 3, features: "float32" } },
  patches: { model: "families/dinov2", freeze: { blocks: 3, features: "float32" } },
};

Deno.test("a linear probe publishes a model that does as well as the probe says", async () => {
  const probes = Object.entries(PROBES);
  await using project = await temporaryProject(Object.fromEntries(
    probes.flatMap(([name, { model, freeze }]) => [
      [
        `${name}.yaml`,
        config(name, join(FIXTURES, model), {
          ...(freeze && { freeze }),
          "linear-probe": { l2: 0.01 },
        }),
      ],
      // An epoch that moves nothing measures the model that the probe has published.
      [
        `${name}-measured.yaml`,
        JSON.stringify({
          stages: {
            preprocess: { dataset: { imagefolder: join(FIXTURES, "golden/imagefolder") } },
            "load-pretrained": { model: `outputs/${name}/linear-probe/model`, head: "keep" },
            train: { epochs: 1, optimizer: { name: "sgd", momentum: 0, learning_rate: 1e-30 } },
          },
        }),
      ],
    ]),
  ));
  for (const suffix of ["", "-measured"]) {
    const paths = probes.map(([name]) => join(project.path, `${name}${suffix}.yaml`));
    const { code, stderr } = await task("run", [...paths, "--quiet"]);
    strictEqual(code, 0, stderr);
  }
  const probeOf = (name: string) =>
    read(project.path, "outputs", name, "linear-probe", "probe.json");
  for (const [name] of probes) {
    const probe = probeOf(name);
    ok(probe.converged && probe.largest_gradient <= 1e-5);
    const [epoch] = read(project.path, "outputs", `${name}-measured`, "train/history.json").epochs;
    for (const split of ["train", "validation"]) {
      const loss = Math.abs(epoch[`${split}_loss`] - probe[`${split}_loss`]);
      ok(loss < 1e-4, `${name}: the ${split} loss differs by ${loss}`);
      const images = probe.images[split] *
        Math.abs(epoch[`${split}_accuracy`] - probe[`${split}_accuracy`]);
      ok(images < 1.01, `${name}: ${images} ${split} images differ`);
    }
  }
  for (const name of ["between", "pixels"]) {
    ok(Math.abs(probeOf(name).objective - probeOf("above").objective) < 1e-6, name);
  }
  equal(
    [probeOf("above"), probeOf("teacher"), probeOf("patches")].map(({ features }) => features),
    [32, 36, 36],
  );
});

Deno.test("evaluate takes a probe's model, and a search that is cut short is said to be", async () => {
  await using project = await temporaryProject({
    "probe.yaml": config("probe", join(FIXTURES, "golden/vit"), {
      "linear-probe": { iterations: 2 },
      evaluate: {},
    }),
  });
  const { code, stdout, stderr } = await task("run", [join(project.path, "probe.yaml")]);
  strictEqual(code, 0, stderr);
  match(stdout + stderr, /The search has not converged: after 2 steps/);
  strictEqual(read(project.path, "outputs/probe/linear-probe/probe.json").converged, false);
  strictEqual(statuses(join(project.path, "outputs/probe")).evaluate, "ran");
  const { record } = read(project.path, "outputs/probe/evaluate/artifact.json");
  const { content } = read(project.path, "outputs/probe/linear-probe/artifact.json");
  strictEqual(record.inputs.model, content);

  // The commands that look for a run's model find this one.
  const out = join(project.path, "out");
  const exported = await task("export", [join(project.path, "outputs/probe"), out]);
  strictEqual(exported.code, 0, exported.stderr);
  const card = Deno.readTextFileSync(join(out, "README.md"));
  match(card, /of which nothing was trained but a new linear classifier/);
  match(card, /## Recipe\n\nMultinomial logistic regression on the 32 numbers/);
  ok(!/drawn at random and has not been trained/.test(card));
  const images = join(FIXTURES, "golden/imagefolder/test");
  const predicted = await task("predict", [join(project.path, "outputs/probe"), images, "--json"]);
  strictEqual(predicted.code, 0, predicted.stderr);
  ok(!/never trained|drawn at random/.test(predicted.stderr), predicted.stderr);
  const { accuracy } = read(project.path, "outputs/probe/evaluate/metrics.json");
  const lines = predicted.stdout.trim().split("\n").map((line) => JSON.parse(line));
  const right = lines.filter(({ path, predictions }) => path.includes(`/${predictions[0].label}/`));
  strictEqual(right.length / lines.length, accuracy);
});
