import { z } from "zod";
import { digestOf } from "../../../base/digest.ts";
import { sentenceOf } from "../../../base/errors.ts";
import type { OutsideFiles, PlanView } from "../../stage.ts";
import { listForKey, listForPlan } from "../listed.ts";
import type { PlannedDataset } from "./planned.ts";

export const imageFolderSchema = z.strictObject({
  imagefolder: z.string().min(1).describe("PATH/{train,validation,test}/CLASS/* or PATH/CLASS/*"),
});

export function planImageFolder(path: string, view: PlanView): PlannedDataset {
  const plan = { called: "the image folder", files: true, fixedTest: false };
  try {
    const { classes, splits, root } = listForPlan(view.resolve(path));
    return {
      ...plan,
      classes,
      single: `the only folder of images in ${root}`,
      own: { validation: splits.validation !== undefined, test: splits.test !== undefined },
    };
  } catch (error) {
    view.problem("dataset.imagefolder", sentenceOf(error));
    return plan;
  }
}

/**
 * The images of an image folder count by their bytes, wherever the folder lies. Those of kinds that
 * are not read count by their number, which `dataset.json` tells: `*.heic` stands for them.
 */
export async function imageFolderFiles(
  path: string,
  view: PlanView,
): Promise<Record<string, OutsideFiles>> {
  const root = view.resolve(path);
  const { files, leftOut } = listForKey(root);
  const digests: Record<string, string> = {};
  for (const [ending, count] of Object.entries(leftOut)) {
    digests[`*${ending}`] = await digestOf(String(count));
  }
  return {
    "dataset.imagefolder": { root, files: [...files, ...Object.keys(digests)], digests },
  };
}
