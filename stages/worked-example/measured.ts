import { UserError } from "../../base/errors.ts";
import { wilson } from "../../base/statistics.ts";
import { type MetricsFile, metricsFile, robustnessFile, trainingFile } from "../evaluate/files.ts";
import type { Artifact } from "../stage.ts";
import { type Family, FAMILY_NAMES } from "./costs.ts";
import type { ResultFile } from "./files.ts";
import { trainedOnAll } from "./measured_runs.ts";
import { counted, listed, shown } from "./numbers.ts";

type Row = ResultFile["measured"][number];

/** What a model that was trained and tested came to. */
export interface Measured extends Pick<Row, "training" | "robustness"> {
  /** The label without what tells models of one kind apart. */
  readonly kind: string;
  /** What it is called in the text: CNN, RNN, Transformer, else its family. */
  readonly label: string;
  /** As its config.json names it. */
  readonly family: string;
  readonly parameters: number;
  readonly images: number;
  readonly accuracy: number;
  /** 95% (Wilson 1927). */
  readonly interval: readonly [low: number, high: number];
  readonly loss: number;
  readonly classes: readonly string[];
}

/** The families of config.json that are one of the three. */
const KNOWN: Readonly<Record<string, Family>> = {
  cnn: "cnn",
  rnn: "rnn",
  vit: "transformer",
  deit: "transformer",
  dinov2: "transformer",
  dinov2_with_registers: "transformer",
};

/** Which of the three a measured model is of; undefined of another. */
export function familyOf({ family }: Pick<Measured, "family">): Family | undefined {
  return KNOWN[family];
}

/**
 * Reads what evaluate has published of each model.
 * @throws {UserError} if one does not say what was scored, was scored on no image, or on other
 * images than the first.
 */
export async function readMeasured(artifacts: readonly Artifact[]): Promise<Measured[]> {
  const files = await Promise.all(
    artifacts.map((artifact) => artifact.json("metrics.json", metricsFile)),
  );
  const all = await Promise.all(files.map(async (metrics, index) => {
    const { model, images, accuracy, loss, per_class } = metrics;
    const cannot = `Cannot cite measured result ${index + 1}`;
    if (model === undefined) {
      throw new UserError(`${cannot}: its metrics.json does not say what was scored`, {
        hint: "Run its evaluate again with --force",
      });
    }
    if (images === 0) throw new UserError(`${cannot}: no image was scored`);
    const correct = per_class.reduce((sum, row) => sum + row.correct, 0);
    const label = model.name ?? labelOf(model.family);
    return {
      label,
      kind: label,
      ...{ family: model.family, parameters: model.parameters, images, accuracy, loss },
      interval: wilson(correct, images),
      classes: per_class.map((row) => row.class),
      ...await readRuns(artifacts[index]),
    };
  }));
  for (const [index, one] of files.entries()) {
    if (mayBeOfTheSameImages(one, files[0])) continue;
    throw new UserError(
      `Cannot compare measured result ${
        index + 1
      } with the first: they were scored on other images`,
      { hint: "Read all from the same preprocess" },
    );
  }
  return numbered(all);
}

/**
 * Whether two results may be of the same images: as many of each class and, where both say so of
 * images that were resized alike, the same pixels.
 */
function mayBeOfTheSameImages(a: MetricsFile, b: MetricsFile): boolean {
  const classes = ({ per_class }: MetricsFile) =>
    JSON.stringify(per_class.map((row) => [row.class, row.images]).toSorted());
  if (classes(a) !== classes(b)) return false;
  const [one, other] = [a.test_images, b.test_images];
  if (one === undefined || other === undefined || one.resized !== other.resized) return true;
  return one.digest === other.digest;
}

/** How it was trained, and what it made of changed images, as far as evaluate says so. */
async function readRuns(artifact: Artifact): Promise<Pick<Measured, "training" | "robustness">> {
  const has = (name: string) => artifact.files.includes(name);
  const training = has("training.json")
    ? await artifact.json("training.json", trainingFile)
    : undefined;
  return {
    ...(training && { training: { images: training.images.train, epochs: training.epochs } }),
    ...(has("robustness.json") &&
      { robustness: await artifact.json("robustness.json", robustnessFile) }),
  };
}

function labelOf(family: string): string {
  const known = familyOf({ family });
  return known === undefined ? family : FAMILY_NAMES[known];
}

/**
 * Models of one label are told apart: by their training images where these all differ (that with most
 * keeps the label alone), else by a number.
 */
function numbered(all: readonly Measured[]): Measured[] {
  return all.map((one, index) => {
    const alike = all.filter(({ label }) => label === one.label);
    if (alike.length === 1) return one;
    const images = alike.map(({ training }) => training?.images);
    if (new Set(images).size === images.length && !images.includes(undefined)) {
      const own = one.training!.images;
      if (own === Math.max(...images as number[])) return one;
      return { ...one, label: `${one.label} on ${counted(own, "image")}` };
    }
    const place = all.slice(0, index).filter(({ label }) => label === one.label).length + 1;
    return { ...one, label: `${one.label} ${place}` };
  });
}

/** What the measurements say, in words; the first sentence names who is ahead, if anybody is. */
export function sayMeasured(every: readonly Measured[]): string {
  const all = trainedOnAll(every);
  if (all.length === 1) {
    return `Measured: ${said(all[0])} on ${counted(all[0].images, "test image")}.`;
  }
  const sorted = all.toSorted((a, b) => b.accuracy - a.accuracy);
  const [best, second] = sorted;
  const isAhead = best.interval[0] > second.interval[1];
  const ahead = isAhead
    ? `${best.label} is ahead: the 95% intervals of the others lie below its own`
    : `${
      listed(sorted.filter((one) => one.interval[1] >= best.interval[0]).map(({ label }) => label))
    } can't be told apart for certain: their 95% intervals overlap`;
  const sizes = all.map(({ parameters }) => parameters);
  const spread = Math.max(...sizes) / Math.min(...sizes);
  return `Measured on ${counted(best.images, "test image")}: ${
    listed(sorted.map(said))
  }. ${ahead}. ${
    spread <= 1.1
      ? `Their numbers of parameters differ by ${(100 * (spread - 1)).toFixed(1)}%${
        isAhead ? ", so size does not explain the difference" : ""
      }.`
      : `Their numbers of parameters differ by a factor of ${
        shown(Number(spread.toFixed(2)))
      }, so ` +
        "size and architecture can't be told apart here."
  } One training each: another seed would give somewhat other numbers.`;
}

const percent = (share: number) => `${(100 * share).toFixed(1)}%`;

function said({ label, accuracy, interval: [low, high], parameters }: Measured): string {
  return `${label} ${percent(accuracy)} (${percent(low)} to ${percent(high)}; ${
    counted(parameters, "parameter")
  })`;
}
