import { UserError } from "../base/errors.ts";
import { parseJsonAsWritten } from "../base/json.ts";
import { readWeights } from "../vit/weights.ts";
import { VisionTransformer } from "../vit/model.ts";
import { readModelFolder } from "./load-pretrained/folder.ts";
import { MODEL } from "./load-pretrained/files.ts";
import type { Artifact } from "./stage.ts";

/** A model of an artifact, uploaded to the engine (which must be open). Give it back with `using`. */
export interface LoadedModel extends Disposable {
  readonly vit: VisionTransformer;
  /** Names of the classes in the order of its logits. */
  readonly classes: readonly string[];
  /**
   * Class indices of the data made into the model's own, which differ where a head was kept.
   * @param labels Indices into `classes` of dataset.json.
   */
  toOwn(labels: Int32Array): Int32Array;
  /** config.json and preprocessor_config.json as they stand, to be carried into checkpoints. */
  readonly configJson: Record<string, unknown>;
  readonly preprocessorJson: Record<string, unknown>;
}

/**
 * Loads the folder `model/` of what load-pretrained or train has published.
 *
 * @param dataClasses Names of the data's classes in the order of their indices.
 * @throws {UserError} if the model does not have one of them.
 */
export async function loadModel(
  artifact: Artifact,
  dataClasses: readonly string[],
): Promise<LoadedModel> {
  const folder = `${artifact.path}/${MODEL}`;
  const { config } = readModelFolder(folder, { resolve: (path) => path });
  const json = async (name: string) =>
    parseJsonAsWritten(await Deno.readTextFile(artifact.file(`${MODEL}/${name}`))) as Record<
      string,
      unknown
    >;
  const own = new Map(config.labels.map((name, index) => [name, index]));
  const stranger = dataClasses.find((name) => !own.has(name));
  if (stranger !== undefined) {
    throw new UserError(`Cannot use this model on these images: it has no class "${stranger}"`, {
      hint: "Set head: reinit in load-pretrained, and train",
    });
  }
  const toOwn = Int32Array.from(dataClasses, (name) => own.get(name)!);
  const vit = new VisionTransformer(config, await readWeights(folder, config));
  return {
    vit,
    classes: config.labels,
    toOwn: (labels) => labels.map((label) => toOwn[label]),
    configJson: await json("config.json"),
    preprocessorJson: await json("preprocessor_config.json"),
    [Symbol.dispose]: () => vit.dispose(),
  };
}
