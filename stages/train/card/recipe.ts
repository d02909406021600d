import { warmupSteps } from "../../../vit/schedule.ts";
import type { TrainableFile } from "../../freeze/files.ts";
import { type CardFacts, isVit, type TrainingFacts } from "./facts.ts";
import { publishedEpoch } from "../keep.ts";
import { augments } from "../params.ts";
import { augmentationInWords } from "./augmentation.ts";
import { count, counted, list, number, percent, plain, table } from "./words.ts";

/** Parameters that have words of their own here; any other is listed as it stands in a config. */
const IN_WORDS = new Set([
  "epochs",
  "batch_size",
  "shuffle",
  "optimizer",
  "schedule",
  "clip_norm",
  "label_smoothing",
  "layer_decay",
  "accumulate",
  "class_weights",
  "keep",
  "patience",
  "augment",
]);

/** What was trained, and how. */
export function describeRecipe(facts: CardFacts, training: TrainingFacts): string {
  const { params, seed, trainable } = training;
  const images = facts.dataset.sizes.train;
  const last = images % params.batch_size;
  const stepsPerEpoch = Math.ceil(images / (params.batch_size * params.accumulate));
  const others = Object.entries(params).filter(([name]) => !IN_WORDS.has(name));
  const { config } = facts;
  // Only a Vision Transformer can be frozen in part.
  const frozen = trainable && isVit(config) ? frozenParts(trainable, config.blocks) : undefined;
  const rows = [
    ["frozen", frozen ? `${frozen.words}: ${counted(trainable!.frozen, "parameter")}` : "nothing"],
    [
      "trained",
      trainable
        ? `${counted(trainable.trainable, "parameter")} (${
          percent(trainable.trainable / facts.parameters, 1)
        })`
        : `all ${counted(facts.parameters, "parameter")}`,
    ],
    ...(trainable?.features
      ? [[
        "activations of the frozen part",
        `computed once${augments(params) ? ", for measuring" : ""}${
          trainable.features.precision === "bfloat16" ? ", products in bfloat16" : ""
        }, kept as ${trainable.features.dtype === "F16" ? "float16" : "float32"}`,
      ]]
      : []),
    ["optimiser", optimizerInWords(params.optimizer)],
    ["learning rate", scheduleInWords(params, stepsPerEpoch * params.epochs)],
    ...(params.layer_decay === 1 ? [] : [[
      "learning rate of lower layers",
      `times ${params.layer_decay} from block to block downwards; norm and head at the full rate`,
    ]]),
    [
      "batch",
      `${counted(params.batch_size, "image")}${
        last > 0 && images > params.batch_size ? `, the last of an epoch ${count(last)}` : ""
      }${params.shuffle ? ", in a new order each epoch" : ", in the order of the files"}`,
    ],
    ...(params.accumulate === 1 ? [] : [[
      "batches in a step",
      `${params.accumulate}, as one of ${counted(params.accumulate * params.batch_size, "image")}`,
    ]]),
    ["length", lengthInWords(training)],
    [
      "gradient clipping",
      params.clip_norm === null ? "none" : `norm of all gradients at most ${params.clip_norm}`,
    ],
    ["label smoothing", params.label_smoothing === 0 ? "none" : String(params.label_smoothing)],
    ...(params.class_weights === null
      ? []
      : [["weights of classes", classWeightsInWords(params.class_weights)]]),
    ...others.map(([name, value]) => [
      `\`${name}\``,
      `\`${JSON.stringify(value).replaceAll("|", "\\|")}\``,
    ]),
    ["augmentation", augmentationInWords(params.augment)],
    ...(seed === undefined ? [] : [[seedOf(params), String(seed)]]),
    ["weights and arithmetic", "float32"],
  ];
  return table(["what", "value"], rows);
}

/** Losses and accuracies after every epoch, the last in words. */
export function describeTraining({ dataset }: CardFacts, { history }: TrainingFacts): string {
  const { epochs } = history;
  const last = publishedEpoch(history);
  if (last === undefined) return "No epoch was trained: the weights are those that it began with.";
  const rows = epochs.map((row) => [
    String(row.epoch + 1),
    row.train_loss.toFixed(4),
    percent(row.train_accuracy),
    row.validation_loss?.toFixed(4) ?? "–",
    row.validation_accuracy === null ? "–" : percent(row.validation_accuracy),
  ]);
  const trained = `loss ${last.train_loss.toFixed(4)} and accuracy ${
    percent(last.train_accuracy)
  } on the ${counted(dataset.sizes.train, "training image")}`;
  const validated = last.validation_accuracy === null || last.validation_loss === null
    ? "there were no validation images"
    : `loss ${last.validation_loss.toFixed(4)} and accuracy ${
      percent(last.validation_accuracy)
    } on the ${counted(dataset.sizes.validation, "validation image")}`;
  const when = history.published_epoch === undefined
    ? "After the last epoch"
    : `After epoch ${last.epoch + 1}, whose model this is`;
  return `${when}: ${trained}; ${validated}. Losses are mean cross-entropy in nats, ` +
    `measured on all images of a split with the model as it stood after the epoch.

${
      table(
        ["epoch", "training loss", "training accuracy", "validation loss", "validation accuracy"],
        rows,
        [0, 1, 2, 3, 4],
      )
    }`;
}

/** The parts of a model of which every tensor was frozen. */
function frozenParts(
  { tensors }: TrainableFile,
  blocks: number,
): { words: string } | undefined {
  const parts = new Map<string, boolean>();
  for (const { part, status } of tensors) {
    parts.set(part, (parts.get(part) ?? true) && status === "frozen");
  }
  const whole = [...parts].filter(([, frozen]) => frozen).map(([part]) => part);
  if (whole.length === 0) return undefined;
  const numbers = whole.flatMap((part) => /^block (\d+)$/.exec(part)?.[1] ?? []).map(Number);
  const others = whole.filter((part) => !part.startsWith("block "));
  const lowest = numbers.every((block, index) => block === index);
  const some = numbers.length === 0
    ? []
    : lowest
    ? [`the lowest ${numbers.length} of ${blocks} blocks`]
    : [`blocks ${list(numbers.map(String))} of ${blocks}, from 0`];
  return { words: list([...others.map((part) => `the ${part}`), ...some]) };
}

function seedOf(params: TrainingFacts["params"]): string {
  if (!augments(params)) return "seed of the order";
  return params.shuffle ? "seed of the order and the augmentation" : "seed of the augmentation";
}

function lengthInWords({ params, history: { epochs, steps } }: TrainingFacts): string {
  const stopped = epochs.length > 0 && epochs.length < params.epochs && params.patience !== null
    ? `; stopped early, after ${epochs.length}: the validation loss had not come down in ${
      counted(params.patience, "epoch")
    }`
    : "";
  const kept = params.keep === "best"
    ? "; of their models that with the best validation accuracy was kept"
    : "";
  return `${counted(params.epochs, "epoch")}${stopped}, ${counted(steps.length, "step")}${kept}`;
}

function classWeightsInWords(weights: NonNullable<TrainingFacts["params"]["class_weights"]>) {
  if (weights === "balanced") return "balanced: inversely as the number of training images";
  const named = Object.entries(weights).map(([name, weight]) => `${plain(name)} ${weight}`);
  return `${list(named)}; all others 1`;
}

/** "AdamW, betas 0.9 and 0.999, …". */
export function optimizerInWords(optimizer: TrainingFacts["params"]["optimizer"]): string {
  const decay = optimizer.weight_decay === 0
    ? "no weight decay"
    : `weight decay ${optimizer.weight_decay} on tensors of two or more dimensions`;
  return optimizer.name === "adamw"
    ? `AdamW, betas ${optimizer.betas.join(" and ")}, epsilon ${optimizer.epsilon}, ${decay}`
    : `SGD, momentum ${optimizer.momentum}, ${decay}`;
}

const AFTER_WARMUP: Readonly<Record<string, string>> = {
  linear: "falls to 0 on a line",
  cosine: "falls to 0 on half a cosine",
  constant: "stays",
};

/** "0.0005 at its peak; rises from 0 over the first 352 steps, then falls to 0 on a line". */
export function scheduleInWords(
  { optimizer, schedule }: TrainingFacts["params"],
  steps: number,
): string {
  const warmup = warmupSteps(steps, schedule.warmup_ratio);
  const over = warmup === 1 ? "the first step" : `the first ${count(warmup)} steps`;
  const rise = warmup === 0 ? "" : `rises from 0 over ${over}, `;
  return `${number(optimizer.learning_rate)} at its peak; ${rise}${rise && "then "}${
    AFTER_WARMUP[schedule.name]
  }`;
}
