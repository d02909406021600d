import { UserError } from "../../base/errors.ts";
import type { DatasetFile } from "../preprocess/files.ts";
import type { TrainParams } from "./params.ts";

/**
 * How much each of the model's classes counts, in the order of its logits; undefined: all alike.
 *
 * `balanced` is n / (k n_c) of n training images in k classes that have any, n_c of them in the class
 * (scikit-learn's `class_weight="balanced"`): every class then counts as much as any other. A class
 * with no training image is never a target; it has weight 1.
 *
 * @param classes The model's, which may be more than the data's and in another order.
 * @throws {UserError} if a class is named that the data do not have.
 */
export function classWeightsOf(
  { class_weights: choice }: Pick<TrainParams, "class_weights">,
  dataset: Pick<DatasetFile, "classes" | "splits" | "sizes">,
  classes: readonly string[],
): number[] | undefined {
  if (choice === null) return undefined;
  if (choice === "balanced") {
    const counts = new Map(dataset.classes.map((name, i) => [name, dataset.splits.train[i]]));
    const present = [...counts.values()].filter((count) => count > 0).length;
    return classes.map((name) => {
      const count = counts.get(name) ?? 0;
      return count === 0 ? 1 : dataset.sizes.train / (present * count);
    });
  }
  const stranger = strangeClass(choice, dataset.classes);
  if (stranger) throw new UserError(stranger.message);
  return classes.map((name) => Object.hasOwn(choice, name) ? choice[name] : 1);
}

/** The first class that is given a weight and is none, and what to say of it. */
export function strangeClass(
  weights: Readonly<Record<string, number>>,
  classes: readonly string[],
): { name: string; message: string } | undefined {
  const name = Object.keys(weights).find((name) => !classes.includes(name));
  if (name === undefined) return undefined;
  const some = classes.slice(0, 10).map((one) => `"${one}"`).join(", ");
  const more = classes.length > 10 ? `, … (${classes.length} in all)` : "";
  return {
    name,
    message: `Cannot give "${name}" a weight in "class_weights": the classes are ${some}${more}`,
  };
}
