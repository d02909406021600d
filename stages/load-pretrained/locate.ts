import { join } from "node:path";
import { sentenceOf, UserError } from "../../base/errors.ts";
import { exists } from "../../base/exists.ts";
import { findWeights } from "../../base/weight_files.ts";
import type { HubModel } from "../../hub/mod.ts";
import { type HubName, parseHubName } from "../../hub/name.ts";
import type { OutsideFiles, PlanView } from "../stage.ts";
import { checkWeights } from "../../vit/weights.ts";
import { type ModelFolder, readModelFolder } from "./folder.ts";
import { noHead } from "./head.ts";
import type { LoadPretrainedParams } from "./mod.ts";

/** Where a model is. */
export interface LocatedModel {
  /** Absolute path. Of a model of the Hub, the weights may not be there yet. */
  readonly folder: string;
  /** Set where the model comes from the Hugging Face Hub. */
  readonly hub?: HubModel;
}

/**
 * Finds a model: a folder, or `owner/name` or `owner/name@revision` on the Hugging Face Hub, whose
 * descriptions are then fetched unless they are in its cache. What is there as a folder is a folder.
 *
 * @throws {UserError} if there is none, or it can't be had.
 */
export async function locateModel(
  model: string,
  view: { resolve(path: string): string },
): Promise<LocatedModel> {
  const folder = view.resolve(model);
  const name = exists(folder) ? undefined : parseHubName(model);
  if (name === undefined) return { folder };
  const owner = model.slice(0, model.indexOf("/"));
  if (!model.includes("@") && exists(view.resolve(owner))) {
    // A word that is misspelt in "models/…" is no question to the Hub.
    throw new UserError(
      `Cannot find the model "${model}": there is no folder ${folder}; ` +
        `for a model of that name on the Hugging Face Hub write "${model}@main"`,
    );
  }
  return await fromHub(name, folder);
}

async function fromHub(name: HubName, folder: string): Promise<LocatedModel> {
  const { HubError, planModel } = await import("../../hub/mod.ts");
  try {
    const hub = await planModel(name);
    return { folder: hub.folder, hub };
  } catch (error) {
    if (!(error instanceof HubError && error.unknownModel)) throw error;
    throw new UserError(`${error.message} (there is no folder ${folder} either)`, {
      hint: error.hint,
      cause: error,
    });
  }
}

/** Reads the descriptions of a model, wherever it is. @throws {UserError} */
export async function readModel(
  model: string,
  view: { resolve(path: string): string },
): Promise<ModelFolder> {
  const { folder, hub } = await locateModel(model, view);
  return readModelFolder(hub ? folder : model, view);
}

/** Reports a model that can't be read where the config names it. */
export async function checkModel(
  params: LoadPretrainedParams,
  view: PlanView,
): Promise<LoadPretrainedParams> {
  try {
    const { folder, hub } = await locateModel(params.model, view);
    const { config } = readModelFolder(hub ? folder : params.model, view);
    // Those of the Hub may still have to be fetched.
    if (!hub && !await checkWeights(folder, config) && params.head === "keep") {
      view.problem("head", sentenceOf(noHead()));
    }
  } catch (error) {
    view.problem("model", sentenceOf(error));
  }
  return params;
}

/** The files whose bytes stand in the key in place of the model's path or name. */
export async function modelFiles(
  params: LoadPretrainedParams,
  view: PlanView,
): Promise<Record<string, OutsideFiles>> {
  const { folder: root, hub } = await locateModel(params.model, view);
  if (hub) {
    const known = hub.files.filter(({ sha256 }) => sha256 !== undefined);
    const digests = Object.fromEntries(known.map(({ name, sha256 }) => [name, sha256!]));
    return { model: { root, files: hub.files.map(({ name }) => name), digests } };
  }
  const small = ["config.json", "preprocessor_config.json"].filter((f) => exists(join(root, f)));
  const { index, weights } = findWeights(root);
  const files = [...small, ...(index === undefined ? [] : [index]), ...weights];
  return { model: { root, files: files.sort() } };
}
