import { match, ok, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { openSafetensors, writeSafetensors } from "../../base/safetensors.ts";
import { ROOT, task, temporaryProject } from "./project.ts";

const GOLDEN = join(ROOT, "tests/fixtures/golden");

/** The golden ViT without its head's tensors; `architectures` of its config.json as told. */
async function headless(folder: string, architectures: "kept" | "left out") {
  await Deno.mkdir(folder);
  const config = JSON.parse(await Deno.readTextFile(join(GOLDEN, "vit/config.json")));
  if (architectures === "left out") delete config.architectures;
  await Deno.writeTextFile(join(folder, "config.json"), JSON.stringify(config));
  const preprocessor = "preprocessor_config.json";
  await Deno.copyFile(join(GOLDEN, "vit", preprocessor), join(folder, preprocessor));
  using file = await openSafetensors(join(GOLDEN, "vit/model.safetensors"));
  const tensors = file.names.filter((name) => !name.startsWith("classifier."))
    .map((name) => [
      name,
      { dtype: "F32", shape: file.info(name).shape, data: file.float32(name) },
    ]);
  await writeSafetensors(join(folder, "model.safetensors"), Object.fromEntries(tensors));
}

const config = (model: string, head: string) =>
  JSON.stringify({
    stages: {
      preprocess: { dataset: { imagefolder: join(GOLDEN, "imagefolder") } },
      "load-pretrained": { model, head },
    },
  });

for (const architectures of ["kept", "left out"] as const) {
  Deno.test(`a config.json with labels and no head in the files (architectures ${architectures})`, async () => {
    await using project = await temporaryProject({
      "keep.yaml": config("model", "keep"),
      "auto.yaml": config("model", "auto"),
    });
    await headless(join(project.path, "model"), architectures);

    const keep = await task("run", [join(project.path, "keep.yaml")]);
    strictEqual(keep.code, 2);
    match(keep.stderr, /keep\.yaml:1:\d+ Cannot keep the model's head: it has none/);

    const auto = await task("run", [join(project.path, "auto.yaml"), "--quiet"]);
    strictEqual(auto.code, 0, auto.stderr);
    const parameters = join(project.path, "outputs/auto/load-pretrained/parameters.json");
    strictEqual(JSON.parse(await Deno.readTextFile(parameters)).head.source, "new");

    const model = join(project.path, "model");
    const predict = await task("predict", [model, join(GOLDEN, "imagefolder/test/cat")]);
    strictEqual(predict.code, 2);
    ok(predict.stderr.includes(model) && predict.stderr.includes("no head"), predict.stderr);
  });
}

Deno.test("weights that do not fit their config are told before anything starts", async () => {
  await using project = await temporaryProject({ "run.yaml": config("model", "auto") });
  const model = join(project.path, "model");
  await headless(model, "kept");
  const path = join(model, "config.json");
  const wider = { ...JSON.parse(await Deno.readTextFile(path)), intermediate_size: 65 };
  await Deno.writeTextFile(path, JSON.stringify(wider));
  const { code, stderr } = await task("run", [join(project.path, "run.yaml")]);
  strictEqual(code, 2);
  match(stderr, /run\.yaml:1:\d+ .*intermediate\.dense\.\w+ is \[64.* makes it \[65/);
  ok(!stderr.includes("ran in"));
});
