import { classesOf, type Dataset } from "../preprocess/sources/plan.ts";
import type { PlanView } from "../stage.ts";
import { strangeClass } from "./class_weights.ts";
import type { TrainParams } from "./params.ts";

/** Finds what can't work together. The parameters stay as they are. */
export async function completeTrain(
  params: TrainParams,
  view: PlanView,
): Promise<TrainParams> {
  const images = view.related("preprocess");
  for (const { name, params: { architecture } } of view.related("new-model")) {
    if (architecture === "vit" || params.layer_decay === 1) continue;
    view.problem(
      "layer_decay",
      `Cannot use ${params.layer_decay} for "layer_decay": the model of "${name}" has no ` +
        "blocks that rates could fall by; leave it out",
    );
  }
  for (const name of ["mixup", "cutmix"] as const) {
    if (params.augment[name] === 0 || params.batch_size > 1) continue;
    view.problem(
      `augment.${name}`,
      `Cannot use ${params.augment[name]} for "augment.${name}": a batch of one image has no ` +
        "other to mix it with; raise batch_size",
    );
  }
  for (const [name, value] of [["keep", params.keep], ["patience", params.patience]] as const) {
    if (value === "last" || value === null) continue;
    if (!images.some(({ params: { validation } }) => validation === 0)) continue;
    view.problem(
      name,
      `Cannot use ${JSON.stringify(value)} for "${name}": preprocess holds no validation images ` +
        `back; write validation: 0.1 there, or leave "${name}" out`,
    );
  }
  if (params.class_weights !== null && params.class_weights !== "balanced") {
    for (const { params: { dataset } } of images) {
      const classes = await classesOf(dataset as Dataset, view);
      const stranger = classes && strangeClass(params.class_weights, classes);
      if (stranger) view.problem(`class_weights.${stranger.name}`, stranger.message);
    }
  }
  return params;
}
