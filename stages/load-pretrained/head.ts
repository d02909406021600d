import { UserError } from "../../base/errors.ts";
import type { LoadPretrainedParams } from "./mod.ts";

const DRAW_ONE = "Set head: reinit in load-pretrained to draw a new one";

/** Which head a model gets, and the classes in the order of its outputs. */
export interface HeadChoice {
  readonly source: "kept" | "new";
  readonly labels: readonly string[];
}

/** The error for `keep` with a model that has nothing to keep. */
export function noHead(): UserError {
  return new UserError("Cannot keep the model's head: it has none", { hint: DRAW_ONE });
}

/**
 * Decides about the head. It can be kept where its labels are the data's classes, as a set; the
 * class indices are then the model's.
 *
 * @param labels Of the model; none where it has no head.
 * @param classes Of the data.
 * @throws {UserError} if `keep` is asked for and the labels differ, naming one that does.
 */
export function chooseHead(
  head: LoadPretrainedParams["head"],
  labels: readonly string[],
  classes: readonly string[],
): HeadChoice {
  const own = new Set(labels);
  const missing = classes.find((name) => !own.has(name));
  const wanted = new Set(classes);
  const extra = labels.find((name) => !wanted.has(name));
  const same = labels.length > 0 && missing === undefined && extra === undefined;
  if (head === "reinit" || (head === "auto" && !same)) return { source: "new", labels: classes };
  if (same) return { source: "kept", labels };
  if (labels.length === 0) throw noHead();
  throw new UserError(
    missing !== undefined
      ? `Cannot keep the model's head: it has no class "${missing}", which the data has`
      : `Cannot keep the model's head: the data has no class "${extra}", which the model has`,
    { hint: DRAW_ONE },
  );
}
