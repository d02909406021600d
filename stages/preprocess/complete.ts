import type { PlanView } from "../stage.ts";
import { readModel } from "../load-pretrained/locate.ts";
import type { PreprocessParams } from "./mod.ts";
import { planDataset } from "./sources/plan.ts";
import { type PlannedDataset, SHARE } from "./sources/planned.ts";

/**
 * Fills in what the data set and the model decide: an image folder's own splits, and the model's
 * size, filter, mean and deviation (from its config.json and preprocessor_config.json).
 */
export async function completePreprocess(
  params: PreprocessParams,
  view: PlanView,
): Promise<PreprocessParams> {
  const data = await planDataset(params.dataset, view, params.on_bad_image === "skip");
  const result = { ...params, ...splitsOf(params, data, view) };
  if (!data.files && params.on_bad_image === "skip") {
    view.problem(
      "on_bad_image",
      `Cannot use "skip" for "on_bad_image": ${data.called} has no image files to skip; leave it out`,
    );
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
    const untrained = view.related("new-model").length > 0;
    view.problem(
      "",
      untrained
        ? 'Cannot find "image_size": a new model takes images of any size; write it here, 32 for example'
        : 'Cannot find "image_size": there is no load-pretrained stage to take it from; write it here, 224 for example',
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

/** Where validation and test images come from: the data set's own split, or a share of train. */
function splitsOf(
  { validation, test }: PreprocessParams,
  { called, classes, single, own, fixedTest }: PlannedDataset,
  view: PlanView,
): Pick<PreprocessParams, "validation" | "test"> {
  if (classes?.length === 1 && view.related("train").length > 0) {
    view.problem("dataset", `Cannot train on one class: "${classes[0]}" is ${single}`);
  }
  for (const [split, value] of Object.entries({ validation, test })) {
    if (value === "folder" && own && !own[split as "validation" | "test"]) {
      view.problem(
        split,
        `Cannot use "folder" for "${split}": ${called} has no ${split} split; write a share, 0.1 for example`,
      );
    }
  }
  if (fixedTest && typeof test === "number") {
    view.problem(
      "test",
      `Cannot use ${test} for "test": ${called} brings its own test images; leave it out`,
    );
  }
  const measuring = ["evaluate", "visualize"].flatMap((kind) => view.related(kind));
  if (test === 0 && measuring.length > 0) {
    view.problem(
      "test",
      `Cannot use 0 for "test": "${
        measuring[0].name
      }" needs test images; write a share, 0.1 for example`,
    );
  }
  return {
    validation: validation ?? (own?.validation ? "folder" : SHARE),
    test: test ?? (own?.test ? "folder" : SHARE),
  };
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
