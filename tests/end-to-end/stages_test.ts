import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import sharp from "sharp";
import { artifactSchema, figuresSchema, runSchema } from "../../pipeline/schemas.ts";
import { FILES } from "../../stages/files.ts";
import { ROOT, statuses, task, temporaryProject } from "./project.ts";

const GOLDEN = join(ROOT, "tests/fixtures/golden");

/** All six stages on 110 small images and a tiny random model: seconds. */
const CONFIG = JSON.stringify({
  seed: 1,
  stages: {
    preprocess: { dataset: { imagefolder: join(GOLDEN, "imagefolder") } },
    "load-pretrained": { model: join(GOLDEN, "vit"), head: "reinit" },
    freeze: {},
    train: { epochs: 2, batch_size: 16 },
    evaluate: {},
    visualize: { images: 2, measured: 8, faithfulness: 3, sanity: 2 },
  },
});
const ALL = ["preprocess", "load-pretrained", "freeze", "train", "evaluate", "visualize"];
const every = (status: string) => Object.fromEntries(ALL.map((stage) => [stage, status]));

/**
 * What a picture shows: the share of its pixels that differ from its corner, and how many colours of
 * 512 (eight levels a channel) take a thousandth of it and are no grey. Text and axes alone are grey.
 */
async function lookAt(path: string): Promise<{ ink: number; hues: number }> {
  const { data } = await sharp(path).flatten({ background: "white" }).raw()
    .toBuffer({ resolveWithObject: true });
  const pixels = data.length / 3;
  const counts = new Map<number, number>();
  let ink = 0;
  for (let at = 0; at < data.length; at += 3) {
    const [red, green, blue] = data.subarray(at, at + 3);
    if (red !== data[0] || green !== data[1] || blue !== data[2]) ink++;
    if (Math.max(red, green, blue) - Math.min(red, green, blue) < 32) continue;
    const colour = (red >> 5) << 6 | (green >> 5) << 3 | blue >> 5;
    counts.set(colour, (counts.get(colour) ?? 0) + 1);
  }
  const hues = [...counts.values()].filter((count) => count > pixels / 1000).length;
  return { ink: ink / pixels, hues };
}

Deno.test("a run of all six stages, and what it leaves behind", async (t) => {
  await using project = await temporaryProject({ "pets.yaml": CONFIG });
  const config = join(project.path, "pets.yaml");
  const run = join(project.path, "outputs/pets");

  await t.step("every stage runs", async () => {
    const { code, stderr } = await task("run", [config]);
    strictEqual(code, 0, stderr);
    deepStrictEqual(statuses(run), every("ran"));
  });

  await t.step("every JSON file is as its schema says", () => {
    const json = (path: string) => JSON.parse(Deno.readTextFileSync(join(run, path)));
    runSchema.parse(json("run.json"));
    const own = Object.entries(FILES).filter(([name]) => ALL.includes(name.split("/")[0]));
    deepStrictEqual(new Set(own.map(([name]) => name.split("/")[0])), new Set(ALL));
    // What a stage makes where it is asked to, which this config does not.
    for (const [name, schema] of own) {
      if (name === "evaluate/robustness.json") continue;
      schema.parse(json(name));
    }
    for (const stage of ALL) {
      artifactSchema.parse(json(`${stage}/artifact.json`));
      figuresSchema.parse(json(`${stage}/figures/figures.json`));
    }
  });

  await t.step("every stage leaves figures, each as spec, SVG and PNG", () => {
    for (const stage of ALL) {
      const folder = join(run, stage, "figures");
      const { length } = JSON.parse(Deno.readTextFileSync(join(folder, "figures.json")));
      ok(length > 0, stage);
      const names = [...Deno.readDirSync(folder)].map(({ name }) => name);
      for (const ending of [".vl.json", ".svg", ".png"]) {
        strictEqual(names.filter((name) => name.endsWith(ending)).length, length, stage + ending);
      }
    }
  });

  await t.step("no figure is blank: each has ink, and one of each stage has colours", async () => {
    for (const stage of ALL) {
      const folder = join(run, stage, "figures");
      const names = [...Deno.readDirSync(folder)].map(({ name }) => name)
        .filter((name) => name.endsWith(".png"));
      const seen = await Promise.all(names.map((name) => lookAt(join(folder, name))));
      seen.forEach(({ ink }, i) => ok(ink > 0.005, `${stage}/${names[i]} is blank: ${ink}`));
      ok(seen.some(({ hues }) => hues >= 2), `${stage} has no colours`);
    }
  });

  await t.step("the report is one page that asks for nothing from a network", () => {
    const page = Deno.readTextFileSync(join(run, "report.html"));
    match(page, /<svg/);
    strictEqual(page.match(/(?:src|href)="https?:/g), null);
    ok(Deno.statSync(join(run, "report.md")).size > 0);
  });

  await t.step("the second time every stage is fresh", async () => {
    const { code } = await task("run", [config]);
    strictEqual(code, 0);
    deepStrictEqual(statuses(run), every("fresh"));
  });

  await t.step("another number of epochs runs train and what is below it", async () => {
    await task("run", [config, "--set", "train.epochs=1"]);
    deepStrictEqual(statuses(run), {
      ...every("fresh"),
      train: "ran",
      evaluate: "ran",
      visualize: "ran",
    });
  });

  await t.step("going back finds in the store what was there", async () => {
    await task("run", [config]);
    deepStrictEqual(statuses(run), {
      ...every("fresh"),
      train: "restored",
      evaluate: "restored",
      visualize: "restored",
    });
  });

  await t.step("another seed draws another head, and keeps the activations", async () => {
    const { code } = await task("run", [config, "--set", "seed=2", "--until", "freeze"]);
    strictEqual(code, 0);
    const { "load-pretrained": model, freeze } = statuses(run);
    deepStrictEqual([model, freeze], ["ran", "ran"]);
    const { length } = [...Deno.readDirSync(join(project.path, "outputs/.store/features"))];
    strictEqual(length, 1);
  });

  await t.step("the moved project and the renamed config run nothing", async () => {
    const moved = `${project.path}-moved`;
    await Deno.rename(project.path, moved);
    try {
      await Deno.rename(join(moved, "pets.yaml"), join(moved, "animals.yaml"));
      const { code, stderr } = await task("run", [join(moved, "animals.yaml"), "--name", "pets"]);
      strictEqual(code, 0, stderr);
      const { preprocess, train } = statuses(join(moved, "outputs/pets"));
      // The step before stopped at freeze with another seed: the links point back again.
      deepStrictEqual([preprocess, train], ["fresh", "fresh"]);
    } finally {
      await Deno.rename(moved, project.path);
    }
  });
});

Deno.test("a mistake in a config gets its place, exit 2, and nothing is run", async () => {
  await using project = await temporaryProject({
    "pets.yaml": "stages:\n  train:\n    optimiser: { name: adamw }\n",
  });
  const { code, stderr } = await task("run", [join(project.path, "pets.yaml")]);
  strictEqual(code, 2);
  match(
    stderr,
    /pets\.yaml:3:5 Cannot read key "optimiser" in "train": did you mean "optimizer"\?/,
  );
  deepStrictEqual([...Deno.readDirSync(project.path)].map(({ name }) => name).sort(), [
    "deno.json",
    "pets.yaml",
  ]);
});
