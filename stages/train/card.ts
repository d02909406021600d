import { stringify } from "yaml";
import { describeData, describePreprocessing } from "./card/data.ts";
import { accuraciesOf, type CardFacts, isVit, knownDataset, trainedWord } from "./card/facts.ts";
import { describeLimits } from "./card/limits.ts";
import { describeRecipe, describeTraining } from "./card/recipe.ts";
import { count, counted, list, percent, pixels, plain } from "./card/words.ts";

export type { CardFacts, TrainingFacts } from "./card/facts.ts";

/** A model card in parts, so that whoever knows more of the model can add to it. */
export interface ModelCard {
  /** The YAML in front, as the Hugging Face Hub reads it. */
  readonly frontMatter: Readonly<Record<string, unknown>>;
  readonly title: string;
  /** Markdown under the title. */
  readonly summary: string;
  /** By heading, in order; Markdown. */
  readonly sections: ReadonlyMap<Heading, string>;
}

/** Every heading that a card can have, in their order. */
export const HEADINGS = [
  "How to use it",
  "Intended use and limits",
  "Images",
  "Preprocessing",
  "Recipe",
  "Training and validation",
  "Test",
  "Figures",
  "How to make it again",
  "Licence",
] as const;
export type Heading = typeof HEADINGS[number];

const FAMILIES: Readonly<Record<string, readonly [name: string, paper: string | undefined]>> = {
  vit: ["Vision Transformer", "Dosovitskiy et al. 2021"],
  deit: ["DeiT", "Touvron et al. 2021"],
  dinov2: ["DINOv2", "Oquab et al. 2023"],
  dinov2_with_registers: ["DINOv2 with registers", "Darcet et al. 2023"],
  cnn: ["Convolutional network", undefined],
  rnn: ["Recurrent network", undefined],
};

/** Writes what is known of a model from its content alone. */
export function describeModel(facts: CardFacts): ModelCard {
  const { config, training } = facts;
  const sections = new Map<Heading, string>([
    ["How to use it", describeUse(facts)],
    ["Intended use and limits", describeLimits(facts)],
    ["Images", describeData(facts)],
    ["Preprocessing", describePreprocessing(facts)],
    ...(training === undefined ? [] : [
      ["Recipe", describeRecipe(facts, training)] as const,
      ["Training and validation", describeTraining(facts, training)] as const,
    ]),
    ["Licence", LICENCE],
  ]);
  return {
    frontMatter: {
      library_name: isVit(config) ? "transformers" : "vitrine",
      pipeline_tag: "image-classification",
      tags: ["image-classification", "vision", config.family],
      metrics: ["accuracy"],
    },
    title: titleOf(facts),
    summary: summarize(facts),
    sections,
  };
}

/** README.md of a model's folder. */
export function formatCard({ frontMatter, title, summary, sections }: ModelCard): string {
  const parts = HEADINGS.flatMap((heading) => {
    const text = sections.get(heading);
    return text === undefined ? [] : [`## ${heading}`, text];
  });
  return `---\n${stringify(frontMatter, { lineWidth: 0 })}---\n\n${
    [`# ${title}`, summary, ...parts].join("\n\n")
  }\n`;
}

function familyOf(family: string): readonly [name: string, paper: string | undefined] {
  return Object.hasOwn(FAMILIES, family) ? FAMILIES[family] : [family, undefined];
}

function titleOf(facts: CardFacts): string {
  const { config: { family, labels }, dataset, training } = facts;
  const [name] = familyOf(family);
  const known = knownDataset(dataset.name);
  const what = known?.title ??
    (labels.length <= 5 ? list(labels.map(plain)) : counted(labels.length, "class", "classes"));
  if (training === undefined || training.history.epochs.length === 0) return `${name} for ${what}`;
  return `${name} ${trainedWord(facts)} on ${known ? what : `images of ${what}`}`;
}

function summarize(facts: CardFacts): string {
  const { config, parameters, head, initial, dataset, training, probe } = facts;
  const [name, paper] = familyOf(config.family);
  const kind = !isVit(config)
    ? name.toLowerCase()
    : paper === undefined
    ? name
    : `${name} (${paper})`;
  const made =
    `A ${kind} of ${sizesInWords(config)}, for images of ${pixels(config.imageSize)}: ${
      counted(parameters, "parameter")
    }. It sorts a ` +
    `picture into ${counted(config.labels.length, "class", "classes")}: ${
      list(config.labels.map(plain))
    }.`;
  const classifier = head === "new"
    ? "with a new classifier"
    : head === "kept"
    ? "with the classifier that it came with"
    : "with its classifier";
  const last = accuraciesOf(facts);
  if (last === undefined && initial === "random") {
    return `${made} Its weights were drawn at random and not trained.`;
  }
  if (last === undefined) {
    return `${made} It is a pretrained model ${classifier}, not trained any further.`;
  }
  const scored = last.validation_accuracy === null
    ? `it is right on ${percent(last.train_accuracy)} of the ${
      counted(dataset.sizes.train, "image")
    } that it was ${probe ? "fitted" : "trained"} on; there were no others to validate it`
    : `it is right on ${percent(last.validation_accuracy)} of ${
      counted(dataset.sizes.validation, "validation image")
    }`;
  if (probe !== undefined) {
    return `${made} It is a pretrained model of this family and size, of which nothing was trained ` +
      `but a new linear classifier; ${scored}.`;
  }
  const began = initial === "random"
    ? "trained from random weights"
    : `fine-tuned from a pretrained model of this family and size, ${classifier}`;
  return `${made} It was ${began}; after ${
    counted(training!.history.epochs.length, "epoch")
  } ${scored}.`;
}

/** What the model is made of. */
function sizesInWords(config: CardFacts["config"]): string {
  if (isVit(config)) {
    return `${counted(config.blocks, "block")} with ${counted(config.heads, "head")} each, width ${
      count(config.hiddenSize)
    } and patches of ${pixels(config.patchSize)}`;
  }
  if (config.family === "cnn") {
    const side = config.kernelSize;
    return `${counted(config.channels.length, "stage")} of ${
      counted(config.convolutions, "convolution")
    } of ${pixels([side, side])} pixels each, with ${list(config.channels.map(String))} channels`;
  }
  return `${counted(config.layers, "layer")} of ${
    config.cell === "lstm" ? "LSTM" : "GRU"
  } cells, width ${count(config.hiddenSize)}, that reads an image row by row`;
}

function describeUse({ config }: CardFacts): string {
  if (!isVit(config)) {
    return "transformers has no class for it. In Vitrine, the stages train and evaluate read it.";
  }
  const { labels } = config;
  return `\`\`\`python
import torch
from PIL import Image, ImageOps
from transformers import AutoImageProcessor, AutoModelForImageClassification

def load_image(path):
    """Upright as the camera was held, transparency on white: as in training."""
    image = ImageOps.exif_transpose(Image.open(path))
    if image.has_transparency_data:
        image = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
    return image.convert("RGB")

model_id = "."  # this folder, or the model's name on the Hugging Face Hub
processor = AutoImageProcessor.from_pretrained(model_id, backend="pil")  # Pillow's filters
model = AutoModelForImageClassification.from_pretrained(model_id)

image = load_image("photo.jpg")
with torch.no_grad():
    logits = model(**processor(image, return_tensors="pt")).logits
probabilities = logits.softmax(-1)[0]
for index in probabilities.topk(${Math.min(3, labels.length)}).indices.tolist():
    print(f"{model.config.id2label[index]}: {probabilities[index].item():.1%}")
\`\`\`

With Vitrine, without Python, \`FOLDER\` being this folder:

\`\`\`sh
deno task predict FOLDER photo.jpg
\`\`\``;
}

const LICENCE = "None is given here, on purpose: it follows from the licence of the model that " +
  "this one was made from and from the terms of the images. Whoever publishes the model writes " +
  "it into the lines at the top, as `license:`.";
