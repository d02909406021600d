import { wilson, Z95 } from "../../../base/statistics.ts";
import { counted, percent } from "../../../figures/figure.ts";
import type { Finding } from "../../stage.ts";
import type { HistoryFile } from "../files.ts";
import { bestEpoch, publishedEpoch } from "../keep.ts";
import { lowestLoss } from "./measures.ts";

/** A validation loss that ends above its lowest by more than this share has turned. */
const TURNED = 0.05;
/** Points between the best epoch and the one that is published from which on it is said. */
const WORTH = 0.005;

const FIGURE = "learning-curves";

/** An epoch of which both accuracies were measured. */
interface Row {
  readonly train: number;
  readonly validation: number;
  readonly trainLoss: number;
  readonly validationLoss: number;
}

/** What training and validation images show beside each other; nothing where one is missing. */
export function gapFindings(history: HistoryFile): Finding[] {
  const rows = history.epochs.flatMap((epoch): Row[] =>
    epoch.validation_accuracy === null || epoch.validation_loss === null ? [] : [{
      train: epoch.train_accuracy,
      validation: epoch.validation_accuracy,
      trainLoss: epoch.train_loss,
      validationLoss: epoch.validation_loss,
    }]
  );
  if (rows.length === 0 || rows.length < history.epochs.length) return [];
  const images = history.images?.validation;
  return [
    ...overfitting(rows, images),
    ...(images === undefined ? [] : gap(history, rows, images)),
    ...bestNotPublished(history, rows, images),
  ].map((finding) => ({ ...finding, figure: FIGURE }));
}

/** The validation loss turns upwards while the training loss goes on falling. */
function overfitting(rows: readonly Row[], images: number | undefined): Finding[] {
  const lowest = lowestLoss(rows.map(({ validationLoss }) => validationLoss));
  const [best, last] = [rows[lowest], rows[rows.length - 1]];
  if (best.validationLoss === 0) return []; // no share of 0 says how far it has risen
  const rise = last.validationLoss / best.validationLoss - 1;
  if (rise <= TURNED || last.trainLoss >= best.trainLoss) return [];
  const lost = best.validation - last.validation;
  const noise = images === undefined
    ? undefined
    : noiseOf(best.validation, last.validation, images);
  const accuracy = noise === undefined || images === undefined
    ? ""
    : lost > noise
    ? ` The validation accuracy falls by ${inPoints(lost)}, more than the noise of ${
      counted(images, "image")
    } (${inPoints(noise)}).`
    : ` The validation accuracy does not fall by more than the noise of ${
      counted(images, "image")
    } (${inPoints(noise)}): what grows worse is how sure the model is of its mistakes.`;
  return [{
    rule: "overfitting",
    text: `Overfitting from epoch ${lowest + 2} on: the validation loss is lowest after epoch ${
      lowest + 1
    } (${best.validationLoss.toFixed(4)}) and ${percent(rise)} higher at the end (${
      last.validationLoss.toFixed(4)
    }), while the training loss falls from ${best.trainLoss.toFixed(4)} to ${
      last.trainLoss.toFixed(4)
    }.${accuracy}`,
    value: rise,
    of: rows.length,
    source: `history.json#/epochs/${lowest}/validation_loss`,
  }];
}

/** The training accuracy is above what the noise of the validation accuracy allows. */
function gap(history: HistoryFile, rows: readonly Row[], images: number): Finding[] {
  const { epoch } = publishedEpoch(history)!;
  const limits = rows.map(({ validation }) => wilson(Math.round(validation * images), images));
  const above = rows.map(({ train }, i) => train > limits[i][1]);
  if (!above[epoch]) return [];
  let from = epoch;
  while (from > 0 && above[from - 1]) from--;
  let to = epoch;
  while (to < rows.length - 1 && above[to + 1]) to++;
  const { train, validation } = rows[epoch];
  const [low, high] = limits[epoch];
  const difference = train - validation;
  const since = rows.length === 1
    ? "After the only epoch"
    : to === rows.length - 1
    ? `From epoch ${from + 1} on`
    : from === to
    ? `After epoch ${from + 1}`
    : `From epoch ${from + 1} to ${to + 1}`;
  return [{
    rule: "gap",
    text: `${since} the training accuracy is above the 95% interval of the validation accuracy; ` +
      `${
        epoch === rows.length - 1 ? "at the end" : `after epoch ${epoch + 1}, whose model is kept,`
      } ` +
      `by ${inPoints(difference)} (${percent(train)} beside ${percent(validation)}; interval of ` +
      `the difference ${inPoints(train - high)} to ${inPoints(train - low)}).`,
    value: difference,
    interval: [train - high, train - low],
    of: images,
    source: `history.json#/epochs/${epoch}`,
  }];
}

/** The published epoch is not the best, or is the best and not the last. */
function bestNotPublished(
  history: HistoryFile,
  rows: readonly Row[],
  images: number | undefined,
): Finding[] {
  const { epochs, published_epoch: kept } = history;
  const best = bestEpoch(epochs);
  const last = rows.length - 1;
  const lost = rows[best].validation - rows[last].validation;
  if (best === last || lost < WORTH) return [];
  const noise = images === undefined
    ? undefined
    : noiseOf(rows[best].validation, rows[last].validation, images);
  const weight = noise === undefined || images === undefined
    ? ""
    : `, ${lost > noise ? "more" : "no more"} than the noise of ${counted(images, "image")} (${
      inPoints(noise)
    })`;
  const advice = kept === undefined
    ? `the model that is published is the last epoch's, with ${percent(rows[last].validation)}: ${
      inPoints(lost)
    } less${weight}. keep: best would publish the other.`
    : `its model is kept; that of the last epoch has ${percent(rows[last].validation)}: ${
      inPoints(lost)
    } less${weight}.`;
  return [{
    rule: "best-epoch",
    text: `The best validation accuracy is that of epoch ${best + 1}, ${
      percent(rows[best].validation)
    }; ${advice}`,
    value: lost,
    of: images,
    source: `history.json#/epochs/${best}/validation_accuracy`,
  }];
}

/**
 * What the difference of two shares of as many images may be by chance, 95%: as if other images had
 * been drawn for each. They are the same ones, so that the true noise is smaller.
 */
function noiseOf(a: number, b: number, images: number): number {
  return Z95 * Math.sqrt((a * (1 - a) + b * (1 - b)) / images);
}

function inPoints(share: number): string {
  return `${(100 * share).toFixed(1)} points`;
}
