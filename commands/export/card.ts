import {
  describeModel,
  formatCard,
  type Heading,
  type ModelCard,
} from "../../stages/train/card.ts";
import { datasetInWords } from "../../stages/preprocess/dataset_words.ts";
import type { DatasetFile } from "../../stages/preprocess/files.ts";
import { describeProbe } from "../../stages/linear-probe/describe.ts";
import { counted, percent, plain } from "../../stages/train/card/words.ts";
import type { ProbeFile } from "../../stages/linear-probe/files.ts";
import { sameConfig } from "./config.ts";
import type { BaseModel, RunModel } from "./model.ts";
import type { ExportedRun } from "./stages.ts";
import { describeTest, limitsOf } from "./test_results.ts";

/** Where the pictures are, from the card. */
export const FIGURES = "figures";

/** CIFAR-10 as the Hugging Face Hub has it. */
const CIFAR10 = { type: "uoft-cs/cifar10", name: "CIFAR-10" };

/** The same of CIFAR-100, which has both of its labels there. */
const CIFAR100 = { type: "uoft-cs/cifar100", name: "CIFAR-100" };

/** README.md of an exported model: what train says of it, with what the rest of the run knows. */
export function writeCard(model: RunModel, run: ExportedRun): string {
  const card = describeModel(model.facts);
  const sections = new Map<Heading, string>(card.sections);
  if (model.facts.probe) sections.set("Recipe", recipeOf(model.facts.probe));
  if (model.metrics) {
    sections.set("Test", describeTest(model.metrics));
    const limits = limitsOf(model.metrics).map((limit) => `- ${limit}`);
    const known = sections.get("Intended use and limits")!;
    sections.set("Intended use and limits", [known, ...limits].join("\n"));
  }
  if (model.figures.length > 0) sections.set("Figures", describeFigures(model));
  sections.set("How to make it again", describeRun(model, run));
  return formatCard({
    ...card,
    frontMatter: frontMatterOf(card, model, run),
    summary: [card.summary, ...baseInWords(model), ...scoreInWords(model)].join(" "),
    sections,
  });
}

/** A probe's own page without its title. */
function recipeOf(probe: ProbeFile): string {
  const { page } = describeProbe(probe);
  return page.slice(page.indexOf("\n")).trim();
}

function frontMatterOf(
  card: ModelCard,
  { base, cifar10, facts, metrics }: RunModel,
  run: ExportedRun,
): Record<string, unknown> {
  const hub = base !== undefined && "hub" in base ? base.hub : undefined;
  const trained = (facts.training?.history.epochs.length ?? 0) > 0;
  const known = cifar10
    ? CIFAR10
    : facts.dataset.name.startsWith("cifar100")
    ? CIFAR100
    : onHub(facts.dataset.origin);
  const words = datasetInWords(facts.dataset.name);
  const dataset = known ??
    { type: facts.dataset.name, name: words.replace(/^[a-z]/, (first) => first.toUpperCase()) };
  const results = metrics && [{
    task: { type: "image-classification", name: "Image classification" },
    // A part of a known test split is not that split.
    dataset: {
      ...dataset,
      split: testSplitOf(facts.dataset),
      name: `${dataset.name}, ${counted(metrics.images, "test image")}`,
    },
    metrics: [
      { type: "accuracy", value: metrics.accuracy, name: "Accuracy" },
      ...(metrics.top5_accuracy === null
        ? []
        : [{ type: "accuracy", value: metrics.top5_accuracy, name: "Top-5 accuracy" }]),
      { type: "loss", value: metrics.loss, name: "Cross-entropy, nats" },
    ],
  }];
  return {
    ...card.frontMatter,
    ...(hub === undefined ? {} : {
      base_model: hub,
      ...(trained ? { base_model_relation: "finetune" } : {}),
    }),
    ...(known ? { datasets: [known.type] } : {}),
    ...(results === undefined
      ? {}
      : { "model-index": [{ name: run.name.replaceAll("/", "-"), results }] }),
  };
}

/** The data set's split that the test images are from; that of training where they were held back. */
function testSplitOf({ origin }: DatasetFile): string {
  return origin === undefined ? "test" : origin.splits.test ?? origin.splits.train;
}

/** A data set that came from the Hub, as the front matter of a card names it. */
function onHub(origin: DatasetFile["origin"]) {
  if (origin?.repository === undefined) return undefined;
  return { type: origin.repository, name: origin.repository, config: origin.config };
}

function baseInWords({ base }: RunModel): string[] {
  if (base === undefined) return [];
  return [`The pretrained model is ${nameOf(base)}.`];
}

function nameOf(base: BaseModel): string {
  if (!("hub" in base)) return `the checkpoint \`${base.folder.replaceAll("`", "'")}\``;
  const at = base.commit === undefined ? "" : ` at commit \`${base.commit.slice(0, 12)}\``;
  return `[${base.hub}](https://huggingface.co/${base.hub})${at}`;
}

function scoreInWords({ metrics, facts: { dataset: { duplicates } } }: RunModel): string[] {
  if (metrics === undefined) return ["It has not been measured on test images."];
  const score = `accuracy ${percent(metrics.accuracy)}, loss ${metrics.loss.toFixed(4)}`;
  const images = counted(metrics.images, "test image");
  // Where nobody has looked for images that are in both, nothing is said of it.
  if (duplicates === undefined) return [`**On ${images}: ${score}.**`];
  const known = duplicates.test_in_train;
  if (known === 0) {
    return [`**On ${images}, none of which is a training image too: ${score}.**`];
  }
  return [
    `**On ${images}: ${score}.** Of these ${counted(known, "is a training image", KNOWN)} too, ` +
    "pixel by pixel: the accuracy flatters the model.",
  ];
}

const KNOWN = "are training images";

function describeFigures({ figures }: RunModel): string {
  return figures.map(({ name, description }) => `![${plain(description)}](${FIGURES}/${name}.png)`)
    .join("\n\n");
}

function describeRun({ facts }: RunModel, run: ExportedRun): string {
  const { text, cut, leftOut } = sameConfig(run);
  const notes = [
    cut
      ? "Paths are cut to their last part: put the folders of that name into the project, or write where they are."
      : "",
    leftOut.length > 0
      ? `Left out, as ${
        leftOut.length === 1 ? "it is a stage" : "they are stages"
      } of the user's own: ${leftOut.map(plain).join(", ")}.`
      : "",
  ].filter(Boolean);
  const bytes = facts.training === undefined
    ? ""
    : " The same engine with the same number of threads makes the same weights, byte for byte.";
  return `Save this as \`configs/again.yaml\` of a Vitrine project and run it with ` +
    `\`deno task run configs/again.yaml\`.${bytes}${notes.map((note) => ` ${note}`).join("")}

\`\`\`yaml
${text.trimEnd()}
\`\`\``;
}
