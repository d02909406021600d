import { deepStrictEqual as equal, match, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import type { Engine } from "../../engine/mod.ts";
import type { Checkpoint, Report } from "../../stages/stage.ts";
import { loadPlace, savePlace } from "../../stages/train/place.ts";

const ENGINE: Engine = {
  name: "tensorflow",
  description: "TensorFlow 2.21.0, CPU, 2 threads",
  version: "2.21.0",
  device: "cpu",
  threads: 2,
};

const PLACE = {
  epoch: 1,
  step: 2,
  history: {
    steps: [
      { step: 0, learning_rate: 0, loss: 2.302585092994046, grad_norm: 1.5 },
      { step: 1, learning_rate: 1e-4, loss: 2.25, grad_norm: 0.1 },
    ],
    epochs: [{
      epoch: 0,
      train_loss: 2.2,
      train_accuracy: 0.25,
      validation_loss: null,
      validation_accuracy: null,
    }],
  },
};
const WEIGHTS = new Map([["classifier.bias", { shape: [3], data: Float32Array.of(1, 2, 3) }]]);
const OPTIMIZER = new Map([["first/classifier.bias", {
  shape: [3],
  data: Float32Array.of(4, 5, 6),
}]]);

/** A checkpoint in a temporary folder, and a report that keeps its warnings. */
async function places() {
  const folder = await Deno.makeTempDir();
  const names = new Set<string>();
  const checkpoint: Checkpoint = {
    async save(name, write) {
      await write(join(folder, name));
      names.add(name);
    },
    load: (name) => Promise.resolve(names.has(name) ? join(folder, name) : undefined),
    list: () => Promise.resolve([...names].toSorted()),
    remove: (name) => Promise.resolve(void names.delete(name)),
  };
  const warnings: string[] = [];
  const report: Report = {
    progress() {},
    line() {},
    warn: (text) => warnings.push(text),
    resumed() {},
    record() {},
  };
  return {
    checkpoint,
    report,
    warnings,
    [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }),
  };
}

Deno.test("training goes on from where it was saved", async () => {
  await using folder = await places();
  strictEqual(await loadPlace(folder.checkpoint, ENGINE, folder.report), undefined);
  await savePlace(folder.checkpoint, PLACE, ENGINE, WEIGHTS, OPTIMIZER);
  const saved = await loadPlace(
    folder.checkpoint,
    { ...ENGINE, description: "in other words" },
    folder.report,
  );
  equal(saved, { place: PLACE, weights: WEIGHTS, optimizer: OPTIMIZER });
  equal(folder.warnings, []);
});

const OTHERS: Record<string, [Partial<Engine>, RegExp]> = {
  "engine": [{ name: "wasm" }, /is of tensorflow .*, and this is wasm .*: training starts over/],
  "version": [{ version: "2.20.0" }, /is of tensorflow 2\.21\.0 .* is tensorflow 2\.20\.0/],
  "device": [{ device: "gpu" }, /on cpu .* on gpu/],
  "number of threads": [{ threads: 1 }, /with 2 threads, .* with 1 thread:/],
};
for (const [what, [change, says]] of Object.entries(OTHERS)) {
  Deno.test(`training starts over where the ${what} is another, and says so`, async () => {
    await using folder = await places();
    await savePlace(folder.checkpoint, PLACE, ENGINE, WEIGHTS, OPTIMIZER);
    const saved = await loadPlace(folder.checkpoint, { ...ENGINE, ...change }, folder.report);
    strictEqual(saved, undefined);
    strictEqual(folder.warnings.length, 1);
    match(folder.warnings[0], says);
  });
}
