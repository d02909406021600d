import { wilson } from "../../../base/statistics.ts";
import { count, counted, percent } from "../../../figures/figure.ts";
import type { Finding } from "../../stage.ts";
import type { HistoryFile } from "../files.ts";
import { publishedEpoch } from "../keep.ts";
import { lossOf, lowestLoss, points, shareOf } from "./measures.ts";

/** A loss that fell by more than this share in the last epoch is still falling. */
const FALLING = 0.02;
/** Losses within this share of the lowest of them are level. */
const LEVEL = 0.01;
/** So many epochs at the least are a plateau. */
const PLATEAU = 3;
/** A training loss that ends above this share of the first epoch's has not fallen. */
const NOT_FALLEN = 0.98;
/** A loss that rises by more than this share and comes down again has jumped. */
const JUMP = 0.1;

const FIGURE = "learning-curves";

/** What the losses and accuracies after each epoch show, whatever the gap between them. */
export function epochFindings(history: HistoryFile): Finding[] {
  if (history.epochs.length === 0) return [];
  return [result, notLearning, stillFalling, plateau, jumps].flatMap((rule) => rule(history))
    .map((finding) => ({ ...finding, figure: FIGURE }));
}

/** The accuracy of the model that is published, with its interval. */
function result(history: HistoryFile): Finding[] {
  const { epochs, images } = history;
  const { epoch, validation_accuracy: accuracy, train_accuracy: train } = publishedEpoch(history)!;
  const model = `The model after epoch ${epoch + 1} of ${epochs.length}` +
    (history.published_epoch === undefined ? "" : ", the one that is kept,");
  if (accuracy === null) {
    return [{
      rule: "published-model",
      text: `${model} is right on ${percent(train)} of the images that it was trained on; there ` +
        "are no validation images to say what that is worth.",
      value: train,
      source: `history.json#/epochs/${epoch}/train_accuracy`,
    }];
  }
  const common = {
    rule: "published-model",
    value: accuracy,
    source: `history.json#/epochs/${epoch}/validation_accuracy`,
  };
  if (images === undefined) {
    return [{ ...common, text: `${model} is right on ${percent(accuracy)} of validation images.` }];
  }
  const interval = wilson(Math.round(accuracy * images.validation), images.validation);
  return [{
    ...common,
    text: `${model} is right on ${percent(accuracy)} of ${
      counted(images.validation, "validation image")
    } (95% interval ${percent(interval[0])} to ${percent(interval[1])}).`,
    interval,
    of: images.validation,
  }];
}

/** The training loss ends where it was after the first epoch. */
function notLearning({ epochs }: HistoryFile): Finding[] {
  const [first, last] = [epochs[0], epochs[epochs.length - 1]];
  if (first === last || first.train_loss === 0) return []; // a loss of 0 has nowhere to fall
  if (last.train_loss < NOT_FALLEN * first.train_loss) return [];
  const change = last.train_loss / first.train_loss - 1;
  return [{
    rule: "not-learning",
    text: `The training loss has not fallen: it was ${first.train_loss.toFixed(4)} after the ` +
      `first epoch and is ${last.train_loss.toFixed(4)} after the last (${change < 0 ? "" : "+"}${
        percent(change)
      }).`,
    value: change,
    of: epochs.length,
    source: `history.json#/epochs/${epochs.length - 1}/train_loss`,
  }];
}

/** The loss was lowest at the end, and fell until then. */
function stillFalling({ epochs }: HistoryFile): Finding[] {
  if (epochs.length < 2) return [];
  const { name, values } = lossOf(epochs);
  const [before, last] = values.slice(-2);
  const fall = 1 - last / before;
  if (lowestLoss(values) !== values.length - 1 || fall <= FALLING) return [];
  return [{
    rule: "still-falling",
    text: `The ${name} loss was still falling when the training ended: from ${before.toFixed(4)} ` +
      `to ${last.toFixed(4)} in the last epoch, by ${percent(fall)}. More epochs may do better.`,
    value: fall,
    of: epochs.length,
    source: `history.json#/epochs/${epochs.length - 1}/${name}_loss`,
  }];
}

/** The loss has stayed level for some epochs. */
function plateau({ epochs }: HistoryFile): Finding[] {
  const { name, values } = lossOf(epochs);
  let from = values.length - 1;
  let [low, high] = [values[from], values[from]];
  while (from > 0) {
    const next = values[from - 1];
    if (Math.max(high, next) > (1 + LEVEL) * Math.min(low, next)) break;
    [low, high] = [Math.min(low, next), Math.max(high, next)];
    from--;
  }
  const level = values.length - from;
  if (level < PLATEAU) return [];
  const range = low === 0 ? 0 : high / low - 1; // beside a lowest of 0 only others of 0 are level
  return [{
    rule: "plateau",
    text: `From epoch ${from + 1} on the ${name} loss stays between ${low.toFixed(4)} and ${
      high.toFixed(4)
    }, within ${percent(range)}: the last ${level} epochs changed little.`,
    value: range,
    of: level,
    source: `history.json#/epochs/${from}/${name}_loss`,
  }];
}

/** Rises of the loss that were undone later. */
function jumps({ epochs }: HistoryFile): Finding[] {
  const { name, values } = lossOf(epochs);
  const jumped = values.flatMap((value, i) => {
    // From 0 any rise is infinitely large.
    if (i === 0 || values[i - 1] === 0 || value <= (1 + JUMP) * values[i - 1]) return [];
    return values.slice(i).some((later) => later <= values[i - 1]) ? [i] : [];
  });
  if (jumped.length === 0) return [];
  const rise = (i: number) => values[i] / values[i - 1] - 1;
  const most = jumped.reduce((a, b) => rise(b) > rise(a) ? b : a);
  return [{
    rule: "unstable-epochs",
    text:
      `The ${name} loss jumped up ${
        jumped.length === 1 ? "once" : `${count(jumped.length)} times`
      } and came down again, most in epoch ${most + 1}: from ${values[most - 1].toFixed(4)} to ${
        values[most].toFixed(4)
      } (+${percent(rise(most))}), with an accuracy of ${percent(shareOf(epochs[most], name))}` +
      ` (${points(shareOf(epochs[most], name) - shareOf(epochs[most - 1], name))}).`,
    value: rise(most),
    of: jumped.length,
    source: `history.json#/epochs/${most}/${name}_loss`,
  }];
}
