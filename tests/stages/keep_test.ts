import { strictEqual } from "node:assert/strict";
import { bestEpoch, hasRunDry, publishedEpoch } from "../../stages/train/keep.ts";

/** Epochs of which only validation counts: [accuracy, loss] each. */
const epochs = (...scores: [accuracy: number, loss: number][]) =>
  scores.map(([validation_accuracy, validation_loss], epoch) => ({
    epoch,
    train_loss: 1,
    train_accuracy: 1,
    validation_loss,
    validation_accuracy,
  }));

Deno.test("the best epoch is that with the highest validation accuracy", () => {
  strictEqual(bestEpoch(epochs([0.5, 1], [0.7, 2], [0.6, 0.1])), 1);
});

Deno.test("of equal accuracies the lowest loss is best, of equal losses the first epoch", () => {
  strictEqual(bestEpoch(epochs([0.7, 2], [0.7, 1.5], [0.7, 1.8])), 1);
  strictEqual(bestEpoch(epochs([0.7, 1.5], [0.7, 1.5])), 0);
});

Deno.test("patience ends after so many epochs that are no better than the best before them", () => {
  const losses = (...all: number[]) => epochs(...all.map((loss): [number, number] => [0.5, loss]));
  strictEqual(hasRunDry(losses(), 1), false);
  strictEqual(hasRunDry(losses(3), 1), false);
  strictEqual(hasRunDry(losses(3, 2), 1), false);
  strictEqual(hasRunDry(losses(3, 2, 2), 1), true, "as good is not better");
  strictEqual(hasRunDry(losses(3, 2, 2.5), 2), false);
  strictEqual(hasRunDry(losses(3, 2, 2.5, 2.2), 2), true);
  strictEqual(hasRunDry(losses(3, 2, 2.5, 1.9), 2), false);
  strictEqual(hasRunDry(losses(1, 2, 3, 4), null), false);
});

Deno.test("the published epoch is the last one, but for one that is named", () => {
  const rows = epochs([0.5, 1], [0.7, 2], [0.6, 0.1]);
  strictEqual(publishedEpoch({ steps: [], epochs: rows })?.epoch, 2);
  strictEqual(publishedEpoch({ steps: [], epochs: rows, published_epoch: 1 })?.epoch, 1);
  strictEqual(publishedEpoch({ steps: [], epochs: [] }), undefined);
});
