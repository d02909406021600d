import { madeUpTest } from "./made_up/evaluate.ts";
import { madeUpFreezing, madeUpModel } from "./made_up/model.ts";
import { madeUpData } from "./made_up/preprocess.ts";
import { madeUpProbe, madeUpTraining } from "./made_up/training.ts";
import { madeUpAttention } from "./made_up/visualize.ts";

export { ORDINARY, type Shape } from "./made_up/shape.ts";

/** Every kind of stage, with its artifact and its figures. */
export const STAGES = {
  "preprocess": madeUpData,
  "load-pretrained": madeUpModel,
  "freeze": madeUpFreezing,
  "train": madeUpTraining,
  "linear-probe": madeUpProbe,
  "evaluate": madeUpTest,
  "visualize": madeUpAttention,
} as const;
