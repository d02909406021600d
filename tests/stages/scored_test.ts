import { deepStrictEqual as equal } from "node:assert/strict";
import { join } from "node:path";
import { describeScored } from "../../stages/evaluate/scored.ts";
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
