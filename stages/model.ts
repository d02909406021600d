import { UserError } from "../base/errors.ts";
import { parseJson, parseJsonAsWritten } from "../base/json.ts";
import { isBaselineJson, parseBaselineConfig } from "../vit/baselines/config.ts";
import { Baseline } from "../vit/baselines/model.ts";
import { readBaselineWeights } from "../vit/baselines/weights.ts";
import { readWeights } from "../vit/weights.ts";
import { VisionTransformer } from "../vit/model.ts";
import { readJson, readModelFolder } from "./load-pretrained/folder.ts";
import { MODEL } from "./load-pretrained/files.ts";
import type { Artifact } from "./stage.ts";

/** The networks that a checkpoint can be of. */
export type Network = VisionTransformer | Baseline;

/** A model of an artifact, uploaded to the engine (which must be open). Give it back with `using`. */
export interface LoadedClassifier<Model extends Network = Network> extends Disposable {
  readonly model: Model;
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

/** The same of a Vision Transformer. */
export interface LoadedModel extends LoadedClassifier<VisionTransformer> {
  readonly vit: VisionTransformer;
}

/**
 * Loads the folder `model/` of what load-pretrained, new-model or train has published.
 *
 * @param dataClasses Names of the data's classes in the order of their indices.
 * @throws {UserError} if the model does not have one of them.
 */
export async function loadClassifier(
  artifact: Artifact,
  dataClasses: readonly string[],
): Promise<LoadedClassifier> {
  const folder = `${artifact.path}/${MODEL}`;
  const path = `${folder}/config.json`;
  const json = readJson(path, parseJson);
  if (!isBaselineJson(json)) return await loadModel(artifact, dataClasses);
  const config = parseBaselineConfig(json, path);
  const own = ownClasses(config.labels, dataClasses);
  return {
    ...own,
    ...await carried(artifact),
    ...held(new Baseline(config, await readBaselineWeights(folder, config))),
  };
}

/**
 * Loads a Vision Transformer, as {@linkcode loadClassifier} does.
 * @throws {UserError} also if it is another network.
 */
export async function loadModel(
  artifact: Artifact,
  dataClasses: readonly string[],
): Promise<LoadedModel> {
  const folder = `${artifact.path}/${MODEL}`;
  const { config } = readModelFolder(folder, { resolve: (path) => path });
  const own = ownClasses(config.labels, dataClasses);
  const json = await carried(artifact);
  const vit = new VisionTransformer(config, await readWeights(folder, config));
  return { vit, ...own, ...json, ...held(vit) };
}

function ownClasses(
  classes: readonly string[],
  dataClasses: readonly string[],
): Pick<LoadedClassifier, "classes" | "toOwn"> {
  const own = new Map(classes.map((name, index) => [name, index]));
  const stranger = dataClasses.find((name) => !own.has(name));
  if (stranger !== undefined) {
    throw new UserError(`Cannot use this model on these images: it has no class "${stranger}"`, {
      hint: "Set head: reinit in load-pretrained, and train",
    });
  }
  const toOwn = Int32Array.from(dataClasses, (name) => own.get(name)!);
  return { classes, toOwn: (labels) => labels.map((label) => toOwn[label]) };
}

async function carried(
  artifact: Artifact,
): Promise<Pick<LoadedClassifier, "configJson" | "preprocessorJson">> {
  const json = async (name: string) =>
    parseJsonAsWritten(await Deno.readTextFile(artifact.file(`${MODEL}/${name}`))) as Record<
      string,
      unknown
    >;
  return {
    configJson: await json("config.json"),
    preprocessorJson: await json("preprocessor_config.json"),
  };
}

function held<Model extends Network>(
  model: Model,
): Pick<LoadedClassifier<Model>, "model" | typeof Symbol.dispose> {
  return { model, [Symbol.dispose]: () => model.dispose() };
}
