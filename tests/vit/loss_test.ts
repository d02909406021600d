import { strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { tf } from "../../engine/tf.ts";
import { valuesOf } from "../../engine/values.ts";
import { crossEntropy, type Targets, weightOf } from "../../vit/loss.ts";
import { assertClose, readTensors, TRAINING_FIXTURES } from "./golden.ts";

interface Case {
  readonly weights: number[] | null;
  readonly smoothing: number;
  readonly mixed: number | null;
  readonly loss: number;
}

const { losses }: { losses: Record<string, Case> } = JSON.parse(
  await Deno.readTextFile(join(TRAINING_FIXTURES, "training.json")),
);
const tensors = await readTensors(TRAINING_FIXTURES, "training.safetensors");
const logits = tensors.get("logits")!;
const labels = Int32Array.from(tensors.get("labels")!.data);
const others = Int32Array.from(tensors.get("others")!.data);

for (const [name, { weights, smoothing, mixed, loss }] of Object.entries(losses)) {
  const targets: Targets = mixed === null
    ? { labels }
    : { labels, mixed: { labels: others, share: mixed } };
  const objective = { smoothing, classWeights: weights ?? undefined };

  Deno.test(`cross-entropy, ${name}: value and gradient are PyTorch's`, async () => {
    const x = tf.tensor2d(logits.data, [7, 5]);
    const { value, grad } = tf.valueAndGrad((x) =>
      crossEntropy(x as tf.Tensor2D, targets, objective)
    )(x);
    assertClose(await value.data(), [loss], 1e-6, "loss");
    assertClose(await grad.data(), tensors.get(`loss gradient, ${name}`)!.data, 1e-6, "gradient");
    tf.dispose([x, value, grad]);
  });

  Deno.test(`cross-entropy, ${name}: parts of a batch add up to it`, async () => {
    const total = weightOf(targets, objective.classWeights);
    const part = (from: number, to: number) => {
      const some = {
        labels: labels.slice(from, to),
        ...(mixed !== null && { mixed: { labels: others.slice(from, to), share: mixed } }),
      };
      const x = tf.tensor2d(logits.data.slice(from * 5, to * 5), [to - from, 5]);
      return crossEntropy(x, some, objective, total);
    };
    const sum = await valuesOf(() => tf.addN([part(0, 3), part(3, 6), part(6, 7)]));
    assertClose(sum, [loss], 1e-6, "loss");
  });
}

Deno.test("an image of two classes weighs as the mean of both, by their shares", () => {
  const targets = {
    labels: Int32Array.of(0, 1),
    mixed: { labels: Int32Array.of(1, 2), share: 0.25 },
  };
  strictEqual(weightOf(targets), 2);
  // 0.25 * (1 + 2) + 0.75 * (2 + 8)
  strictEqual(weightOf(targets, [1, 2, 8]), 8.25);
});
