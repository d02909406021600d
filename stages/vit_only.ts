import { NAMES } from "./new-model/params.ts";
import type { PlanView } from "./stage.ts";

/**
 * Reports a network in the place of the Vision Transformer that a stage works on.
 * @param what The end of "a CNN …": "has no blocks to freeze".
 */
export function refuseBaselines(view: PlanView, what: string): void {
  for (const { name, params: { architecture } } of view.related("new-model")) {
    if (architecture !== "cnn" && architecture !== "rnn") continue;
    view.problem("", `Cannot use the model of "${name}" here: ${NAMES[architecture]} ${what}`);
  }
}
