import { Interrupted, UserError } from "../../base/errors.ts";
import { openSafetensors, writeSafetensors } from "../../base/safetensors.ts";
import { tf } from "../../engine/tf.ts";
import { score } from "../../vit/loss.ts";
import { loadClassifier } from "../model.ts";
import { datasetFile, TEST } from "../preprocess/files.ts";
import type { StageContext } from "../stage.ts";
import { openTestImages } from "../test_images.ts";
import { MISTAKES, PREDICTIONS } from "./files.ts";
import { metricsOf } from "./metrics.ts";
import type { EvaluateParams } from "./mod.ts";
import { describeScored } from "./scored.ts";

type Context = StageContext<EvaluateParams, "data" | "model">;

/** Images that go through the model at once; no result depends on it. */
const BATCH = 64;

/** Runs the whole model on every test image and counts. */
export async function run(context: Context): Promise<void> {
  const { params, inputs, output, report, signal } = context;
  await context.engine();
  const dataset = await inputs.data.json("dataset.json", datasetFile);
  using model = await loadClassifier(inputs.model, dataset.classes);
  using images = await openTestImages(inputs.data, dataset, model.model);

  const { height, width } = images.size;
  const count = images.count;
  const classes = model.classes.length;
  const logits = new Float32Array(count * classes);
  const labels = new Int32Array(count);
  let loss = 0;
  for (let at = 0; at < count; at += BATCH) {
    if (signal.aborted) throw new Interrupted();
    const size = Math.min(BATCH, count - at);
    const rows = Int32Array.from({ length: size }, (_, i) => at + i);
    const batch = images.read(rows);
    const some = tf.tidy(() => {
      const pixels = tf.tensor4d(batch.pixels, [size, height, width, 3]);
      return model.model.forward(pixels).dataSync() as Float32Array;
    });
    if (!some.every(Number.isFinite)) {
      throw new UserError(
        `Cannot score image ${at} and those beside it: the model's logits are no finite numbers`,
        { hint: "Its weights are spoilt; train it again with a lower learning rate" },
      );
    }
    logits.set(some, at * classes);
    const own = model.toOwn(batch.labels);
    labels.set(own, at);
    loss += score(some, own).loss;
    report.progress(at + size, count, "images");
    // The engine blocks; a macrotask lets Ctrl-C through.
    await new Promise((resolve) => setTimeout(resolve));
  }

  const metrics = metricsOf(logits, labels, model.classes, loss, params.mistakes);
  await output.json("metrics.json", { model: await describeScored(inputs.model), ...metrics });
  await writeSafetensors(output.file(PREDICTIONS), {
    logits: { dtype: "F32", shape: [count, classes], data: logits },
    labels: { dtype: "I32", shape: [count], data: labels },
  });
  await writeMistakes(context, metrics.mistakes.map(({ index }) => index));
  if (count > 0) {
    report.line(
      `test loss ${metrics.loss.toFixed(4)}, accuracy ${(100 * metrics.accuracy).toFixed(2)}% of ${
        count.toLocaleString("en-GB")
      } ${count === 1 ? "image" : "images"}`,
    );
  }
}

/** Keeps the pictures that were taken for something else, for the figure of them. */
async function writeMistakes({ inputs, output }: Context, rows: number[]): Promise<void> {
  using test = await openSafetensors(inputs.data.file(TEST));
  const [, height, width] = test.info("images").shape;
  const data = test.rowsAtSync("images", rows);
  await writeSafetensors(output.file(MISTAKES), {
    images: { dtype: "U8", shape: [rows.length, height, width, 3], data },
  });
}
