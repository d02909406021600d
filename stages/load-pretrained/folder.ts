import { join } from "node:path";
import { type ModelConfig, parseModelConfig } from "../../vit/config.ts";
import { parsePreprocessor, type Preprocessor } from "../../data/preprocessor.ts";
import { messageOf, UserError } from "../../base/errors.ts";
import { exists } from "../../base/exists.ts";
import { parseJson } from "../../base/json.ts";
import { quoted, shownPath } from "../../base/printable.ts";

/** The two small files of a model folder, read while the plan is made. */
export interface ModelFolder {
  readonly path: string;
  readonly config: ModelConfig;
  readonly preprocessor: Preprocessor;
  /** preprocessor_config.json as it stands, to be carried along; empty where there is none. */
  readonly preprocessorJson: Record<string, unknown>;
}

/** Reads config.json and, where there is one, preprocessor_config.json. @throws {UserError} */
export function readModelFolder(
  model: string,
  view: { resolve(path: string): string },
): ModelFolder {
  const path = view.resolve(model);
  const config = join(path, "config.json");
  const preprocessor = join(path, "preprocessor_config.json");
  if (!exists(path)) {
    throw new UserError(
      `Cannot find the model ${quoted(model)}: there is no folder ${shownPath(path)}`,
    );
  }
  if (!exists(config)) {
    throw new UserError(`Cannot read the model "${model}": it has no config.json`);
  }
  const modelConfig = parseModelConfig(readJson(config), config);
  const { imageSize, family } = modelConfig;
  const own = exists(preprocessor) ? readJson(preprocessor) : undefined;
  return {
    path,
    config: modelConfig,
    // A model without one gets what ViTImageProcessor does by default, at the model's own size.
    preprocessor: own === undefined
      ? parsePreprocessor({ size: imageSize }, preprocessor)
      : parsePreprocessor(own, preprocessor, family),
    preprocessorJson: (own ?? {}) as Record<string, unknown>,
  };
}

/** Reads and parses a JSON file. @throws {UserError} with its path. */
export function readJson(path: string, parse: (text: string) => unknown = parseJson): unknown {
  try {
    return parse(Deno.readTextFileSync(path));
  } catch (cause) {
    throw new UserError(`Cannot read ${path}: ${messageOf(cause)}`, { cause });
  }
}
