import { match, notStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { openSafetensors } from "../../base/safetensors.ts";
import { hasBfloat16 } from "../../engine/avx.ts";
import { ROOT, statuses, task, temporaryProject } from "./project.ts";

const GOLDEN = join(ROOT, "tests/fixtures/golden");
const config = (precision: string) =>
  JSON.stringify({
    stages: {
      preprocess: { dataset: { imagefolder: join(GOLDEN, "imagefolder") } },
      "load-pretrained": { model: join(GOLDEN, "vit"), head: "keep" },
      freeze: { blocks: 1, features: "float32", precision },
    },
  });
const CONFIGS = { "float32.yaml": config("float32"), "bfloat16.yaml": config("bfloat16") };

Deno.test("bfloat16 is refused on the engine wasm, at its place, before anything runs", async () => {
  await using project = await temporaryProject(CONFIGS);
  const path = join(project.path, "bfloat16.yaml");
  const { code, stderr } = await task("run", [path, "--engine", "wasm", "--quiet"]);
  strictEqual(code, 2);
  match(
    stderr,
    /bfloat16\.yaml:1:\d+ Cannot compute the frozen blocks in bfloat16: the engine wasm has no such numbers; set precision: float32 in freeze\n/,
  );
  match(stderr, / \| +\^{10}\n/);
  await rejects(Deno.stat(join(project.path, "outputs", "bfloat16")), Deno.errors.NotFound);
});

Deno.test({
  name: "activations of bfloat16 and of float32 are kept apart, and near" +
    (hasBfloat16() ? "" : " (skipped: this processor has no bfloat16)"),
  ignore: !hasBfloat16(),
  async fn() {
    await using project = await temporaryProject(CONFIGS);
    const paths = Object.keys(CONFIGS).map((file) => join(project.path, file));
    const { code, stderr } = await task("run", [...paths, "--quiet"]);
    strictEqual(code, 0, stderr);
    const activations = await Promise.all(["float32", "bfloat16"].map(async (name) => {
      const run = join(project.path, "outputs", name);
      strictEqual(statuses(run).freeze, "ran");
      const { features } = JSON.parse(
        await Deno.readTextFile(join(run, "freeze/trainable.json")),
      );
      strictEqual(features.precision, name);
      using file = await openSafetensors(join(run, "freeze", features.files[0]));
      return file.float32("features");
    }));
    const [exact, rounded] = activations;
    const root = (values: Float32Array) =>
      Math.sqrt(values.reduce((sum, value) => sum + value ** 2, 0) / values.length);
    // What one engine made is read on any.
    const again = await task("run", [paths[1], "--engine", "wasm", "--quiet"]);
    strictEqual(again.code, 0, again.stderr);
    const error = root(rounded.map((value, i) => value - exact[i])) / root(exact);
    notStrictEqual(error, 0);
    ok(error < 2 ** -6, `error ${error}: more than a few roundings to eight bits`);
  },
});
