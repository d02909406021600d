import {
  deepStrictEqual as equal,
  notDeepStrictEqual,
  strictEqual,
  throws,
} from "node:assert/strict";
import { tf } from "../../engine/tf.ts";
import { atImageSize } from "../../vit/interpolate.ts";
import { VisionTransformer } from "../../vit/model.ts";
import { assertClose, channelsLast, readModel, readTensors } from "./golden.ts";

// What float32 on another backend can keep: the fixtures' README.
const HIDDEN = 2e-5;
const ATTENTION = 1e-5;

const CLASSIFIERS = ["vit", "vit-f16", "vit-bf16", "vit-sharded", "vit-nobias-gelunew"];

for (const name of [...CLASSIFIERS, "vit-backbone"]) {
  Deno.test(`hidden states, attention and output of ${name} are PyTorch's`, async () => {
    const { config, weights } = await readModel(name);
    const io = await readTensors(name, "io.safetensors");
    const model = new VisionTransformer(config, weights);
    const pixels = channelsLast(io.get("pixel_values")!);
    let x = model.embed(pixels);
    assertClose(await x.data(), io.get("hidden_states.0")!.data, HIDDEN, "embedding output");
    let observed = 0;
    for (let block = 0; block < config.blocks; block++) {
      const seen: tf.Tensor[] = [];
      x = model.blocks(x, block, block + 1, (i, attention) => {
        observed++;
        strictEqual(i, block);
        seen.push(tf.keep(attention.clone()));
      });
      const weighed = io.get(`attentions.${block}`)!;
      equal(seen[0].shape, weighed.shape);
      assertClose(await seen[0].data(), weighed.data, ATTENTION, `attention of block ${block}`);
      // transformers gives the last one after the final norm only to those who ask for it there.
      const expected = io.get(`hidden_states.${block + 1}`)!;
      assertClose(await x.data(), expected.data, HIDDEN, `output of block ${block}`);
    }
    strictEqual(observed, config.blocks);
    const logits = io.get("logits");
    if (logits) {
      assertClose(await model.head(x).data(), logits.data, HIDDEN, "logits");
      assertClose(await model.forward(pixels).data(), logits.data, HIDDEN, "logits at once");
      const observing = model.forward(pixels, () => observed++);
      assertClose(await observing.data(), logits.data, HIDDEN, "logits, observed");
    } else {
      const expected = io.get("last_hidden_state")!;
      assertClose(await model.norm(x).data(), expected.data, HIDDEN, "last hidden state");
      throws(() => model.head(x), /classifier/);
    }
    model.dispose();
  });
}

Deno.test("position embeddings are interpolated as PyTorch does, height and width apart", async () => {
  const { config, weights } = await readModel("vit");
  const io = await readTensors("vit-interpolate", "io.safetensors");
  const wide = atImageSize(config, weights, [48, 64]);
  const model = new VisionTransformer(wide.config, wide.weights);
  const logits = model.forward(channelsLast(io.get("pixel_values")!));
  assertClose(await logits.data(), io.get("logits")!.data, HIDDEN, "logits");
  model.dispose();
});

Deno.test("a forward pass leaves nothing but its result in memory, and a model nothing", async () => {
  const { config, weights } = await readModel("vit");
  const pixels = tf.zeros([2, 32, 32, 3]) as tf.Tensor4D;
  const tokens = tf.zeros([2, 17, 32]) as tf.Tensor3D;
  const empty = tf.memory().numTensors;
  const model = new VisionTransformer(config, weights);
  model.forward(pixels).dispose(); // the first one folds the frozen blocks' weights, once
  const before = tf.memory().numTensors;
  model.forward(pixels).dispose();
  model.blocks(tokens, 0, 2).dispose();
  model.blocks(tokens, 0, 0).dispose();
  strictEqual(tf.memory().numTensors, before);
  model.dispose();
  strictEqual(tf.memory().numTensors, empty);
});

Deno.test("a tensor that is given new values counts from the next forward pass on", async () => {
  const { config, weights } = await readModel("vit");
  const pixels = tf.ones([1, 32, 32, 3]) as tf.Tensor4D;
  const name = "vit.encoder.layer.1.layernorm_after.bias";
  const changed = new Map(weights).set(name, {
    shape: [32],
    data: weights.get(name)!.data.map((x) => x + 1),
  });
  const [model, fresh] = [
    new VisionTransformer(config, weights),
    new VisionTransformer(config, changed),
  ];
  const before = await model.forward(pixels).data();
  model.tensor(name).assign(tf.tensor(changed.get(name)!.data));
  const after = await model.forward(pixels).data();
  notDeepStrictEqual(after, before);
  equal(after, await fresh.forward(pixels).data());
});

Deno.test("weights come back as they went in", async () => {
  const { config, weights } = await readModel("vit");
  const model = new VisionTransformer(config, weights);
  equal(await model.download(), weights);
  model.dispose();
});
