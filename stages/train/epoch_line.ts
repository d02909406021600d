import type { HistoryFile } from "./files.ts";

type Epochs = HistoryFile["epochs"];

/** What an epoch came to, for people. */
export function epochLine(scores: Epochs[number], epochs: number): string {
  const part = (name: string, loss: number | null, accuracy: number | null) =>
    loss === null || accuracy === null
      ? `${name} none`
      : `${name} loss ${loss.toFixed(4)}, accuracy ${(100 * accuracy).toFixed(2)}%`;
  return `epoch ${scores.epoch + 1}/${epochs}: ${
    part("training", scores.train_loss, scores.train_accuracy)
  }; ${part("validation", scores.validation_loss, scores.validation_accuracy)}`;
}

/** Why a training ended before its last epoch. */
export function stopLine(epochs: Epochs): string {
  const losses = epochs.map(({ validation_loss }) => validation_loss!);
  const lowest = losses.indexOf(Math.min(...losses));
  return `stopped after epoch ${epochs.length}: the validation loss was lowest after epoch ${
    lowest + 1
  }`;
}
