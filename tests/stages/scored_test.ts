import { deepStrictEqual as equal, match } from "node:assert/strict";
import { join } from "node:path";
import { describeScored, describeTestImages } from "../../stages/evaluate/scored.ts";
import type { DatasetFile } from "../../stages/preprocess/files.ts";
import { makeArtifact } from "../figures/artifact.ts";

Deno.test("what was scored is told by its family and the number of its parameters", async () => {
  const folder = await Deno.makeTempDir();
  await Deno.mkdir(join(folder, "model"));
  const tensor = (...shape: number[]) => ({
    dtype: "F32" as const,
    shape,
    data: new Float32Array(shape.reduce((a, b) => a * b, 1)),
  });
  const artifact = await makeArtifact(
    "train",
    { "model/config.json": { model_type: "cnn" } },
    {
      "model/model.safetensors": { "a.weight": tensor(3, 4, 5), "a.bias": tensor(5), b: tensor() },
    },
    folder,
  );
  equal(await describeScored(artifact), { family: "cnn", parameters: 60 + 5 + 1 });
});

Deno.test("images are told by their bytes, and by how they were resized if they have been", async () => {
  const data = await makeArtifact("preprocess", {});
  const resize = { height: 40, width: 40 };
  const about = (applied: boolean) =>
    describeTestImages(data, {
      transform: { applied, image_size: [32, 32], resize, resample: "bicubic", crop: true },
    } as DatasetFile)!;
  equal(about(false), { digest: data.digest("test.safetensors"), resized: null });
  match(about(true).resized!, /32,32.*40.*bicubic/);
});
