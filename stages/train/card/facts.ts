import type { BaselineConfig } from "../../../vit/baselines/config.ts";
import type { ModelConfig } from "../../../vit/config.ts";
import type { TrainableFile } from "../../freeze/files.ts";
import type { ProbeFile } from "../../linear-probe/files.ts";
import type { DatasetFile } from "../../preprocess/files.ts";
import type { HistoryFile } from "../files.ts";
import { publishedEpoch } from "../keep.ts";
import type { TrainParams } from "../mod.ts";

/**
 * What a model card is written from: content only, so that the same model has the same card
 * whenever and wherever it is made.
 */
export interface CardFacts {
  readonly config: VitFacts | BaselineConfig;
  /** Parameters of the whole model. */
  readonly parameters: number;
  /** Whether the classifier is the pretrained model's own; undefined where it is not known. */
  readonly head?: "kept" | "new";
  /** Where all of it began with random numbers, not the classifier alone. */
  readonly initial?: "random";
  readonly dataset: DatasetFile;
  /** `description.md` of the images; its first paragraph says how they were split. */
  readonly description?: string;
  /** Undefined where nothing was trained. */
  readonly training?: TrainingFacts;
  /** Set where a classifier was fitted and nothing else was trained. */
  readonly probe?: ProbeFile;
}

/** How well the published model does; undefined where it is the pretrained one as it was. */
export function accuraciesOf(
  { training, probe }: CardFacts,
): Pick<ProbeFile, "train_accuracy" | "validation_accuracy"> | undefined {
  return probe ?? (training && publishedEpoch(training.history));
}

/** What a card says of a Vision Transformer. */
export type VitFacts = Pick<
  ModelConfig,
  "family" | "hiddenSize" | "blocks" | "heads" | "imageSize" | "patchSize" | "labels"
>;

/** Whether the model is a Vision Transformer, which transformers can load. */
export function isVit(config: CardFacts["config"]): config is VitFacts {
  return "patchSize" in config;
}

/** What was done to a model: one that began at random was not fine-tuned. */
export function trainedWord({ initial, probe }: Pick<CardFacts, "initial" | "probe">): string {
  if (probe !== undefined) return "fitted";
  return initial === "random" ? "trained" : "fine-tuned";
}

/** How a model was trained, and how well it did. */
export interface TrainingFacts {
  readonly params: TrainParams;
  /** Of the order of the images; undefined where nothing was drawn. */
  readonly seed?: number;
  readonly history: HistoryFile;
  /** Undefined where everything was trained. */
  readonly trainable?: TrainableFile;
}

/** What is said of a data set that many know, and of the words that have become its name. */
export interface KnownDataset {
  readonly title: string;
  readonly reference: string;
  /** Images of all its splits. */
  readonly images: number;
  /** What a model of these images is good for. */
  readonly use: string;
}

const CIFAR100: KnownDataset = {
  title: "CIFAR-100",
  reference: "Krizhevsky 2009, _Learning multiple layers of features from tiny images_",
  images: 60_000,
  use: "CIFAR-100 is a benchmark: small pictures, each of one object that fills it. The model is " +
    "for teaching and for comparing methods; nothing is known of how it does on photographs " +
    "from elsewhere.",
};

const KNOWN: Readonly<Record<string, KnownDataset>> = {
  cifar100: CIFAR100,
  "cifar100, coarse labels": { ...CIFAR100, title: "CIFAR-100 with its 20 superclasses" },
  cifar10: {
    title: "CIFAR-10",
    reference: "Krizhevsky 2009, _Learning multiple layers of features from tiny images_",
    images: 60_000,
    use:
      "CIFAR-10 is a benchmark: small pictures, each of one object that fills it. The model is " +
      "for teaching and for comparing methods; nothing is known of how it does on photographs " +
      "from elsewhere.",
  },
};

/** Undefined for a folder of images, of which nobody knows more than is in it. */
export function knownDataset(name: string): KnownDataset | undefined {
  return Object.hasOwn(KNOWN, name) ? KNOWN[name] : undefined;
}
