import { sentenceOf } from "../../../base/errors.ts";
import { ParameterError } from "../../../data/parameter_error.ts";
import type { PlanView } from "../../stage.ts";

/** Default of `validation` and `test` where the data set does not bring the split. */
export const SHARE = 0.1;

/** What a plan knows of a data set. No image of it has been opened. */
export interface PlannedDataset {
  /** In a sentence: "the image folder". */
  readonly called: string;
  /** Whether its images are files, some of which `on_bad_image` may leave out. */
  readonly files: boolean;
  /** Names of the classes, where they are known without reading the images. */
  readonly classes?: readonly string[];
  /** What the only class is, where there is one: "the only folder of images in PATH". */
  readonly single?: string;
  /** Splits that it brings itself; undefined where that can't be known, which was reported. */
  readonly own?: { readonly validation: boolean; readonly test: boolean };
  /** Whether its test images are always those: a share is then refused, not just unused. */
  readonly fixedTest: boolean;
}

/**
 * Reports what is wrong with a data set at the parameter that is meant, where it stands in the config,
 * else at the one that names the data set.
 */
export function reportMistake(
  view: PlanView,
  dataset: Readonly<Record<string, unknown>>,
  naming: string,
  error: unknown,
): void {
  const own = error instanceof ParameterError && dataset[error.parameter] !== undefined;
  view.problem(`dataset.${own ? error.parameter : naming}`, sentenceOf(error));
}
