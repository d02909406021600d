import type { OutsideFiles, PlanView } from "../stage.ts";
import { readModel } from "../load-pretrained/locate.ts";
import { listImageFolder } from "../../data/imagefolder_list.ts";
import type { PreprocessParams } from "./mod.ts";

/**
 * Fills in what the data set and the model decide: an image folder's own splits, and the model's
 * size, filter, mean and deviation (from its config.json and preprocessor_config.json).
 */
export async function completePreprocess(
  params: PreprocessParams,
  view: PlanView,
): Promise<PreprocessParams> {
  const result = { ...params };
  if (typeof params.dataset === "object") {
    const folder = listOrProblem(params.dataset.imagefolder, view);
    if (folder?.splits.validation) result.validation = "folder";
    if (folder?.splits.test) result.test = "folder";
  } else {
    if (params.validation === "folder") {
      view.problem(
        "validation",
        'Cannot use "folder" for "validation": cifar10 has no validation split; give a share, 0.1 for example',
      );
    }
    result.test = "folder";
  }

  const model = await modelOf(view);
  if (model === "ambiguous") {
    view.problem(
      "image_size",
      'Cannot take "image_size" from the models: there are several, and they differ; write image_size, resample and normalize here',
    );
    return result;
  }
  if (model === "unreadable") return result; // load-pretrained says why
  if (params.image_size === undefined && model) {
    result.image_size = model.preprocessor.size ?? model.config.imageSize;
    result.resize ??= model.preprocessor.resize ?? undefined;
  }
  if (result.image_size === undefined) {
    view.problem(
      "",
      'Cannot find "image_size": there is no load-pretrained stage to take it from; write it here, 224 for example',
    );
  }
  if (result.image_size !== undefined) {
    const [height, width] = pair(result.image_size);
    result.image_size = [height, width];
    result.resize ??= { height, width };
  }
  result.patch_size ??= model?.config.patchSize;
  if (result.image_size !== undefined && model) {
    const [height, width] = pair(result.image_size);
    const [down, across] = model.config.patchSize;
    if (height % down !== 0 || width % across !== 0) {
      view.problem(
        "image_size",
        `Cannot use ${height}x${width} for "image_size": the model's patches of ${down}x${across} must fit a whole number of times`,
      );
    }
  }
  result.resample ??= model?.preprocessor.resample ?? "bilinear";
  result.rescale_factor ??= model?.preprocessor.rescaleFactor ?? 1 / 255;
  result.normalize ??= {
    mean: model?.preprocessor.mean ?? [0.5, 0.5, 0.5],
    std: model?.preprocessor.std ?? [0.5, 0.5, 0.5],
  };
  return result;
}

/** A size in the config is one side or both. */
function pair(size: number | [number, number]): [height: number, width: number] {
  return typeof size === "number" ? [size, size] : size;
}

/** What the related models agree on. */
async function modelOf(view: PlanView) {
  const found = view.related("load-pretrained").map(async ({ params }) => {
    try {
      const { config, preprocessor } = await readModel(String(params.model), view);
      return {
        config: {
          imageSize: [...config.imageSize] as [number, number],
          patchSize: [...config.patchSize] as [number, number],
        },
        preprocessor,
      };
    } catch {
      return undefined;
    }
  });
  const all = await Promise.all(found);
  const models = all.filter((model) => model !== undefined);
  if (models.length < all.length) return "unreadable";
  const texts = new Set(models.map((model) => JSON.stringify(model)));
  return texts.size > 1 ? "ambiguous" : models[0];
}

function listOrProblem(path: string, view: PlanView) {
  try {
    return listImageFolder(view.resolve(path));
  } catch (error) {
    view.problem("dataset", error instanceof Error ? error.message : String(error));
  }
}

/** The images of an image folder count by their bytes, wherever the folder lies. */
export function imageFolderFiles(
  params: PreprocessParams,
  view: PlanView,
): Record<string, OutsideFiles> {
  if (typeof params.dataset !== "object") return {};
  const root = view.resolve(params.dataset.imagefolder);
  return { "dataset.imagefolder": { root, files: listImageFolder(root).files } };
}
