import { commonest } from "./data.ts";
import { accuraciesOf, type CardFacts, isVit, knownDataset, trainedWord } from "./facts.ts";
import { count, counted, list, percent, pixels, plain } from "./words.ts";

/** Points between training and validation accuracy from which on it is worth a sentence. */
const GAP = 0.05;

/** What the model is for, and what of this data and this run bounds it; each a sentence or two. */
export function describeLimits(facts: CardFacts): string {
  const { dataset } = facts;
  const use = knownDataset(dataset.name)?.use ??
    `For sorting pictures of the same source as its ${
      counted(dataset.sizes.train, "training image")
    } into their ${counted(dataset.classes.length, "class", "classes")}.`;
  const limits = accuraciesOf(facts) === undefined
    ? [untrained(facts), ...resolution(facts)]
    : [closedSet(facts), amount(facts), ...resolution(facts), ...validation(facts)];
  return [use, limits.map((limit) => `- ${limit}`).join("\n")].join("\n\n");
}

function untrained({ head, initial, dataset }: CardFacts): string {
  if (initial === "random") {
    return "All of it was drawn at random and has not been trained: its answers say nothing yet.";
  }
  if (head === "new") {
    return `Its classifier for ${
      counted(dataset.classes.length, "class", "classes")
    } was drawn at random and has not been trained: its answers say nothing yet.`;
  }
  return "It has not been trained on the images described above; they are what it was measured on.";
}

function closedSet({ config: { labels } }: CardFacts): string {
  return `It knows ${list(labels.map(plain))}, and nothing else: a picture of anything else is ` +
    `given one of these ${count(labels.length)} names all the same.`;
}

function amount(facts: CardFacts): string {
  const { dataset: { classes, splits, sizes }, probe } = facts;
  const fitted = probe ? "Its classifier was fitted" : `It was ${trainedWord(facts)}`;
  const fewest = Math.min(...splits.train);
  const most = Math.max(...splits.train);
  const all = counted(sizes.train, "image");
  if (fewest === most) return `${fitted} on ${all}, ${count(most)} of each class.`;
  const named = (n: number) => plain(classes[splits.train.indexOf(n)]);
  const lean = most >= 2 * fewest
    ? " Where it is unsure it may favour the classes that it saw most."
    : "";
  return `${fitted} on ${all}, from ${count(fewest)} of a class (${named(fewest)}) to ${
    count(most)
  } (${named(most)}).${lean}`;
}

function resolution(facts: CardFacts): string[] {
  const { dataset: { stored, transform }, config } = facts;
  const { image_size: size, resize, crop, applied } = transform;
  const [height, width] = size;
  const patches = isVit(config) ? `, in patches of ${pixels(config.patchSize)}` : "";
  const own = [stored.height, stored.width];
  const seen = applied || (stored.height === height && stored.width === width)
    ? `It sees a picture as ${pixels(size)}${patches}: what is smaller than a few of those ` +
      "pixels it cannot see."
    : stored.height * stored.width < height * width
    ? `Its images have ${pixels(own)} and are enlarged to ${pixels(size)}${patches}: it was ` +
      `${trainedWord(facts)} on blurred pictures, and sharper ones are new to it.`
    : `Its images have ${pixels(own)} and are reduced to ${pixels(size)}${patches}: finer ` +
      "detail than that is lost.";
  const shape = crop
    ? "What lies outside the middle of a picture is cut off before it looks."
    : "shortest_edge" in resize || !applied
    ? undefined
    : `A picture of another shape is squeezed into ${pixels(size)}.`;
  return shape === undefined ? [seen] : [seen, shape];
}

function validation(facts: CardFacts): string[] {
  const { dataset, probe } = facts;
  const last = accuraciesOf(facts)!;
  const { validation_accuracy: accuracy } = last;
  const images = dataset.sizes.validation;
  if (accuracy === null) {
    return [
      `No images were held back while it was ${
        probe ? "fitted" : "trained"
      }: its training accuracy flatters it.`,
    ];
  }
  const { name, share } = commonest(dataset, "validation");
  const sentences = [
    `The validation accuracy of ${percent(accuracy)} is of ${
      counted(images, "image")
    }: one more or less is ${percent(1 / images)}. Always answering "${
      plain(name)
    }" would be right in ${percent(share)}${accuracy > share ? "" : ", no less often"}.`,
  ];
  const gap = last.train_accuracy - accuracy;
  if (gap >= GAP) {
    sentences.push(
      `It does better on the images that it was ${trainedWord(facts)} on (${
        percent(last.train_accuracy)
      }) than on those held back, by ${(100 * gap).toFixed(1)} points: part of what it learned ` +
        "are those images themselves.",
    );
  }
  return sentences;
}
