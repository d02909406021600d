import type { HistoryFile } from "../files.ts";

type Epochs = HistoryFile["epochs"];

/** Of the validation images where there are some, else of the training images. */
export type Split = "validation" | "train";

/** The loss that says how well the training goes, after each epoch. */
export function lossOf(epochs: Epochs): { readonly name: Split; readonly values: number[] } {
  const validated = epochs.every((epoch) => epoch.validation_loss !== null);
  return validated
    ? { name: "validation", values: epochs.map((epoch) => epoch.validation_loss!) }
    : { name: "train", values: epochs.map((epoch) => epoch.train_loss) };
}

/** Index of the lowest, of equals the first. */
export function lowestLoss(values: readonly number[]): number {
  return values.indexOf(values.reduce((a, b) => Math.min(a, b)));
}

/** The accuracy of a split after an epoch. */
export function shareOf(epoch: Epochs[number], split: Split): number {
  return split === "train" ? epoch.train_accuracy : epoch.validation_accuracy!;
}

/** A difference of shares as "+2.5 points". */
export function points(difference: number): string {
  return `${difference < 0 ? "−" : "+"}${Math.abs(100 * difference).toFixed(1)} points`;
}
