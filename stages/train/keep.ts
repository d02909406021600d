import type { HistoryFile } from "./files.ts";

type Epochs = HistoryFile["epochs"];

/**
 * Index of the epoch with the best validation accuracy; of equals that with the lowest validation
 * loss, of those the first.
 * @param epochs At least one, all with validation images.
 */
export function bestEpoch(epochs: Epochs): number {
  return epochs.reduce((best, one, i) => isBetter(one, epochs[best]) ? i : best, 0);
}

function isBetter(a: Epochs[number], b: Epochs[number]): boolean {
  const [x, y] = [a.validation_accuracy!, b.validation_accuracy!];
  return x > y || (x === y && a.validation_loss! < b.validation_loss!);
}

/**
 * Whether the last `patience` epochs all failed to come below the validation loss that was lowest
 * before them.
 */
export function hasRunDry(epochs: Epochs, patience: number | null): boolean {
  if (patience === null || epochs.length <= patience) return false;
  const losses = epochs.map((epoch) => epoch.validation_loss!);
  const lowest = losses.indexOf(Math.min(...losses));
  return epochs.length - 1 - lowest >= patience;
}

/** The epoch that the published model comes from; undefined where none was trained. */
export function publishedEpoch(
  { epochs, published_epoch: published }: HistoryFile,
): Epochs[number] | undefined {
  return published === undefined ? epochs.at(-1) : epochs[published];
}
