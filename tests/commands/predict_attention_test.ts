import { join } from "node:path";
import { Classifier, readCheckpoint } from "../../commands/predict/classifier.ts";
import { assertClose, channelsLast, GOLDEN, readTensors } from "../vit/golden.ts";

// Sums of a few hundred float32 shares below 1.
const SHARES = 1e-6;

/** Tokens in front of the 16 patches, and heads. */
const MODELS: Record<string, [prefix: number, heads: number]> = {
  vit: [1, 4],
  deit: [2, 4],
  "dinov2-registers": [5, 4],
};

for (const [name, [prefix, heads]] of Object.entries(MODELS)) {
  Deno.test(`predict gives PyTorch's probabilities and attention: ${name}`, async () => {
    const io = await readTensors(name, "io.safetensors");
    const pixels = channelsLast(io.get("pixel_values")!);
    const images = pixels.shape[0];
    using classifier = await Classifier.load(await readCheckpoint(join(GOLDEN, name), true), true);
    const seen = await classifier.classify(pixels.dataSync<"float32">(), images);
    pixels.dispose();
    const logits = io.get("logits")!.data;
    const { shape, data: weights } = io.get(`attentions.${lastBlock(io)}`)!;
    const tokens = shape[3];
    seen.forEach(({ probabilities, attention }, i) => {
      assertClose(probabilities, softmax(logits.subarray(i * 10, i * 10 + 10)), SHARES, "shares");
      const mean = Float64Array.from({ length: 16 }, (_, patch) => {
        const at = (head: number) => (i * heads + head) * tokens * tokens + prefix + patch;
        return Array.from({ length: heads }, (_, head) => weights[at(head)])
          .reduce((sum, weight) => sum + weight / heads, 0);
      });
      assertClose(attention!.lastBlock, mean, SHARES, "last block");
    });
    if (name !== "vit") return;
    const rollout = (await readTensors("attention", "io.safetensors")).get("rollout")!.data;
    assertClose(seen[0].attention!.rollout, rollout.subarray(1, 17), SHARES, "rollout");
  });
}

function lastBlock(io: ReadonlyMap<string, unknown>): number {
  return [...io.keys()].filter((name) => name.startsWith("attentions.")).length - 1;
}

function softmax(logits: Float32Array): Float64Array {
  const exponentials = Float64Array.from(logits, (logit) => Math.exp(logit));
  const sum = exponentials.reduce((a, b) => a + b, 0);
  return exponentials.map((value) => value / sum);
}
