import { UserError } from "../../base/errors.ts";
import { PixelBatches } from "../../data/batches.ts";
import { FeatureShards } from "../../data/features.ts";
import { openSafetensors } from "../../base/safetensors.ts";
import { tensorOfFloats } from "../../engine/half.ts";
import { tf } from "../../engine/tf.ts";
import type { Classifier } from "../../vit/classifier.ts";
import { VisionTransformer } from "../../vit/model.ts";
import { type DatasetFile, datasetFile, POOL, SPLIT_ROWS } from "../preprocess/files.ts";
import { type TrainableFile, trainableFile } from "../freeze/files.ts";
import type { Artifact } from "../stage.ts";
import { transformOf } from "../transform.ts";

/** Images of the pool on their way into the part of the model that is trained. */
export interface TrainingImages extends Disposable {
  readonly dataset: DatasetFile;
  /** Rows of the pool, ascending. */
  readonly train: Int32Array;
  readonly validation: Int32Array;
  /**
   * Reads the images in these rows: their stored activations `[n, tokens, width]` where there are
   * some, else their pixels `[n, height, width, 3]`.
   */
  read(rows: Int32Array): Promise<tf.Tensor>;
  /** What was read, made into logits `[n, classes]` by what of the model is above it. */
  classify(model: Classifier, input: tf.Tensor): tf.Tensor2D;
  /** Class indices as in dataset.json. */
  labels(rows: Int32Array): Int32Array;
}

/** Opens the activations that freeze has kept, or else the images themselves. */
export async function openImages(
  inputs: { readonly data: Artifact; readonly model: Artifact; readonly frozen: Artifact },
): Promise<{ images: TrainingImages; trainable: TrainableFile | undefined }> {
  const dataset = await inputs.data.json("dataset.json", datasetFile);
  const trainable = inputs.frozen
    ? await inputs.frozen.json("trainable.json", trainableFile)
    : undefined;
  if (trainable) checkSame(trainable, inputs);
  const features = trainable?.features ?? undefined;
  const pool = inputs.data.file(POOL);
  using splits = await openSafetensors(inputs.data.file(SPLIT_ROWS));
  const train = int32(splits.read("train"));
  const validation = int32(splits.read("validation"));
  using file = await openSafetensors(pool);
  const all = int32(file.read("labels"));
  const labels = (rows: Int32Array) => rows.map((row) => all[row]);

  if (features) {
    const paths = features.files.map((name) => inputs.frozen.file(name));
    const shards = new FeatureShards(paths, features);
    const images: TrainingImages = {
      dataset,
      train,
      validation,
      labels,
      read: async (rows) =>
        tensorOfFloats(await shards.readStored(rows), [
          rows.length,
          features.tokens,
          features.width,
        ]),
      classify(model, input) {
        if (!(model instanceof VisionTransformer)) {
          throw new RangeError("Cannot go on from activations: the model is no Vision Transformer");
        }
        return model.classify(input as tf.Tensor3D, features.blocks);
      },
      [Symbol.dispose]: () => shards[Symbol.dispose](),
    };
    return { images, trainable };
  }
  const batches = await PixelBatches.open(pool, transformOf(dataset));
  const { height, width } = batches.size;
  const images: TrainingImages = {
    dataset,
    train,
    validation,
    labels,
    read: (rows) =>
      Promise.resolve(tf.tensor4d(batches.read(rows).pixels, [rows.length, height, width, 3])),
    classify: (model, input) => model.forward(input as tf.Tensor4D),
    [Symbol.dispose]: () => batches[Symbol.dispose](),
  };
  return { images, trainable };
}

/** Activations of another model or of other images would train something that does not exist. */
function checkSame(
  { of }: TrainableFile,
  { data, model }: { readonly data: Artifact; readonly model: Artifact },
): void {
  const other = of.model !== model.content
    ? "model"
    : of.data !== data.content
    ? "data"
    : undefined;
  if (other === undefined) return;
  throw new UserError(
    `Cannot train on what freeze made: it was made from another "${other}" than train reads`,
    { hint: `Name the same stage under needs: { ${other}: … } in both` },
  );
}

function int32(bytes: Uint8Array<ArrayBuffer>): Int32Array {
  return new Int32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
}
