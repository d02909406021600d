import { match, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { ROOT, task, temporaryProject } from "./project.ts";

Deno.test("what is assumed of a model without preprocessor_config.json is told once", async () => {
  const stages = {
    preprocess: { dataset: { imagefolder: join(ROOT, "tests/fixtures/golden/imagefolder") } },
    "load-pretrained": { model: "model" },
  };
  await using project = await temporaryProject({ "pets.yaml": JSON.stringify({ stages }) });
  await Deno.mkdir(join(project.path, "model"));
  for (const name of ["config.json", "model.safetensors"]) {
    const from = join(ROOT, "tests/fixtures/golden/vit", name);
    await Deno.copyFile(from, join(project.path, "model", name));
  }
  const { code, stdout, stderr } = await task("run", [join(project.path, "pets.yaml")]);
  strictEqual(code, 0, stderr);
  // ViTImageProcessor's defaults, at the 32x32 of config.json.
  const said = /assumed are 32x32 pixels, bilinear, mean 0\.5, 0\.5, 0\.5 and deviation 0\.5/g;
  match(stdout, said);
  strictEqual(stdout.match(said)!.length, 1);
});
