import { deepStrictEqual as equal, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { mostSimilar, winner } from "../../examples/nearest-neighbours/run.ts";
import { openSafetensors } from "../../base/safetensors.ts";
import { ROOT, statuses, task, temporaryProject } from "./project.ts";

const GOLDEN = join(ROOT, "tests/fixtures/golden");
const EXAMPLE = join(ROOT, "examples", "nearest-neighbours");

/** The example on 110 small images and a tiny random model. */
const CONFIG = JSON.stringify({
  seed: 1,
  stages: {
    preprocess: { dataset: { imagefolder: join(GOLDEN, "imagefolder") } },
    "load-pretrained": { model: join(GOLDEN, "vit"), head: "reinit" },
    freeze: { blocks: 1, features: "float32" },
    neighbours: { uses: join(EXAMPLE, "mod.ts"), neighbours: 3 },
  },
});

Deno.test("a stage of one's own runs beside the others, and alone where it alone is changed", async (t) => {
  await using project = await temporaryProject({ "pets.yaml": CONFIG });
  const config = join(project.path, "pets.yaml");
  const run = join(project.path, "outputs/pets");
  const result = () =>
    JSON.parse(Deno.readTextFileSync(join(run, "neighbours", "neighbours.json")));

  await t.step("its result is that of a search by hand, and its figure is drawn", async () => {
    const { code, stderr } = await task("run", [config]);
    strictEqual(code, 0, stderr);
    const { accuracy, ...about } = result();
    equal(about, { blocks: 1, known: 80, images: 30 });
    strictEqual(accuracy.length, 3);
    strictEqual(accuracy[0], await nearestByHand(run));
    // Two votes are for the first of them, whether they agree or not.
    strictEqual(accuracy[1], accuracy[0]);
    for (const ending of ["vl.json", "svg", "png"]) {
      const path = join(run, "neighbours", "figures", `accuracy-by-neighbours.${ending}`);
      strictEqual(Deno.statSync(path).size > 0, true);
    }
  });

  await t.step("another of its parameters runs it alone", async () => {
    strictEqual((await task("run", [config, "--set", "neighbours.neighbours=1"])).code, 0);
    strictEqual(result().accuracy.length, 1);
    const others = { preprocess: "fresh", "load-pretrained": "fresh", freeze: "fresh" };
    equal(statuses(run), { ...others, neighbours: "ran" });
  });

  await t.step("a parameter that its schema refuses is told before anything runs", async () => {
    const { code, stderr } = await task("validate", [config, "--set", "neighbours.neighbours=0"]);
    strictEqual(code, 2);
    strictEqual(/neighbours\.neighbours=0 Cannot use 0/.test(stderr), true, stderr);
  });
});

/** Share of the validation images whose nearest training image, by the angle, is of their class. */
async function nearestByHand(run: string): Promise<number> {
  const [shard] = [...Deno.readDirSync(join(run, "freeze", "features"))].map(({ name }) => name);
  using features = await openSafetensors(join(run, "freeze", "features", shard));
  using pool = await openSafetensors(join(run, "preprocess", "pool.safetensors"));
  using splits = await openSafetensors(join(run, "preprocess", "splits.safetensors"));
  const [, tokens, width] = features.info("features").shape;
  const values = features.float32("features");
  const labels = new Int32Array(pool.read("labels").buffer);
  const rows = (split: string) => [...new Int32Array(splits.read(split).buffer)];
  const angle = (a: number, b: number) => {
    let [product, first, second] = [0, 0, 0];
    for (let i = 0; i < width; i++) {
      const [x, y] = [values[a * tokens * width + i], values[b * tokens * width + i]];
      product += x * y;
      first += x * x;
      second += y * y;
    }
    return Math.acos(product / Math.sqrt(first * second));
  };
  const right = rows("validation").filter((row) => {
    let nearest = -1;
    let least = Infinity;
    for (const other of rows("train")) {
      if (angle(row, other) >= least) continue;
      [nearest, least] = [other, angle(row, other)];
    }
    return labels[nearest] === labels[row];
  });
  return right.length / rows("validation").length;
}

Deno.test("the most similar vectors come first, and the majority wins", () => {
  const known = [[0, 1], [1, 0], [0.6, 0.8], [-1, 0]].map((x) => Float32Array.from(x));
  equal(mostSimilar(Float32Array.of(1, 0), known, 3), [1, 2, 0]);
  strictEqual(winner([4, 7, 7]), 7);
  strictEqual(winner([4, 7]), 4);
});

Deno.test("the page about stages shows the example as it is", () => {
  const page = Deno.readTextFileSync(join(ROOT, "docs", "stages.md"));
  const shown = [...page.matchAll(/^```(?:ts|yaml)\n([\s\S]*?)^```$/gm)].map(([, text]) => text);
  const files = ["mod.ts", "run.ts", "draw.ts"].map((name) => join(EXAMPLE, name));
  equal(shown, [`${EXAMPLE}.yaml`, ...files].map((path) => Deno.readTextFileSync(path)));
});
