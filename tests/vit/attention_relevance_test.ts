import { deepStrictEqual as equal, ok } from "node:assert/strict";
import { join } from "node:path";
import { tf } from "../../engine/tf.ts";
import { relevance, relevanceSteps } from "../../vit/attention_relevance.ts";
import { rolloutRow } from "../../vit/attention_rollout.ts";
import { prefixTokens, tokensOf } from "../../vit/config.ts";
import { VisionTransformer } from "../../vit/model.ts";
import { assertClose, channelsLast, FAMILY_FIXTURES, readModel, readTensors } from "./golden.ts";

/** Made by make_attention.py there, from autograd. */
const FIXTURES = join(import.meta.dirname!, "../fixtures/attention");
const BOX = join(import.meta.dirname!, "../../models/vit-tiny-patch8-64");
const expected = await readTensors(FIXTURES, "relevance.safetensors");
const of = (name: string) => expected.get(name)!.data;

// Both sides compute in float32; the numbers are at most about 1 (steps) and 4 (relevance).
const RELEVANT = 2e-5;
const SHARES = 1e-6;

for (const name of ["vit", "deit", "deit-teacher", "dinov2", "dinov2-registers"]) {
  const folder = join(FAMILY_FIXTURES, name);

  Deno.test(`gradients by attention and relevance of ${name} are PyTorch's`, async () => {
    const { config, weights } = await readModel(folder);
    const model = new VisionTransformer(config, weights);
    const io = await readTensors(folder, "io.safetensors");
    const pixels = channelsLast(io.get("pixel_values")!);
    const before = tf.memory().numTensors;
    const steps = await relevanceSteps(model, pixels, of(`${name}.classes`));
    equal(tf.memory().numTensors, before, "no tensor is left behind");
    assertClose(steps.logits, io.get("logits")!.data, RELEVANT, "logits");
    const size = tokensOf(config) ** 2;
    steps.relevant.forEach((step, block) => {
      const wanted = of(`${name}.step.${block}`);
      ok(wanted.some((x) => x > 1e-3), "the fixture has gradients to compare with");
      assertClose(step, wanted, RELEVANT, `block ${block}`);
    });
    const maps = Array.from({ length: 4 }, (_, image) => {
      const own = steps.relevant.map((step) => step.subarray(image * size, (image + 1) * size));
      return [...relevance(own, config)];
    });
    assertClose(maps.flat(), of(`${name}.relevance`), RELEVANT, "relevance");
    model.dispose();
    pixels.dispose();
  });

  Deno.test(`rollout of ${name} that leaves patches out is PyTorch's`, async () => {
    const { config } = await readModel(folder);
    const io = await readTensors(folder, "io.safetensors");
    const { heads, blocks } = config;
    const tokens = tokensOf(config);
    const prefix = prefixTokens(config);
    const attention = Array.from(
      { length: blocks },
      (_, i) => io.get(`attentions.${i}`)!.data.subarray(0, heads * tokens ** 2),
    );
    for (const share of [0.3, 0.9]) {
      const row = rolloutRow(attention, heads, tokens, { discard: { share, prefix } });
      assertClose(row, of(`${name}.rollout.${share}`), SHARES, `rollout without ${share}`);
    }
    const nothing = rolloutRow(attention, heads, tokens, { discard: { share: 0, prefix } });
    assertClose(nothing, of(`${name}.rollout.0.0`), SHARES, "rollout");
    equal(nothing, rolloutRow(attention, heads, tokens));
  });
}

Deno.test("relevance of the model in the box is PyTorch's, and another class's is another", async () => {
  const { config, weights } = await readModel(BOX);
  const model = new VisionTransformer(config, weights);
  const pixels = channelsLast(expected.get("box.pixel_values")!);
  for (const label of [7, 150]) {
    const { relevant } = await relevanceSteps(model, pixels, [label]);
    assertClose(relevance([...relevant], config), of(`box.relevance.${label}`), RELEVANT, "box");
  }
  ok(of("box.relevance.7").some((x, i) => Math.abs(x - of("box.relevance.150")[i]) > 0.01));
  model.dispose();
  pixels.dispose();
});

Deno.test("leaving patches out never takes the class token's weight, and rows add up to 1", () => {
  // The class token has least weight of all. Of two patches, half is one: the weaker goes.
  const row = [0.1, 0.3, 0.6];
  const weights = Float32Array.from([...row, ...row, ...row]);
  const discard = { share: 0.5, prefix: 1 };
  // 0.1 and 0.6 of 0.7, half and half with the identity.
  const kept = [0.5 + 0.5 * 0.1 / 0.7, 0, 0.5 * 0.6 / 0.7];
  assertClose(rolloutRow([weights], 1, 3, { discard }), kept, SHARES, "row");
  // Of equal weights the first goes.
  const even = new Float32Array(9).fill(1 / 3);
  assertClose(rolloutRow([even], 1, 3, { discard }), [0.75, 0, 0.25], SHARES, "even");
});

Deno.test("relevance is R = R + A R, by hand", async () => {
  const { config } = await readModel("vit");
  const small = { ...config, imageSize: [8, 16] as const, patchSize: [8, 8] as const };
  // Class token and two patches. Below, patch 1 hears patch 2 by 3; above, the class token hears
  // patch 1 by 2: so it hears patch 1 by 2, and patch 2 through it by 6.
  const below = Float32Array.from([0, 0, 0, 0, 0, 3, 0, 0, 0]);
  const above = Float32Array.from([0, 2, 0, 0, 0, 0, 0, 0, 0]);
  equal([...relevance([below, above], small)], [2, 6]);
  equal([...relevance([above, below], small)], [2, 0]);
});
