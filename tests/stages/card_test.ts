import { deepStrictEqual as equal, doesNotMatch, match, ok, strictEqual } from "node:assert/strict";
import { parse } from "yaml";
import {
  type CardFacts,
  describeModel,
  formatCard,
  type TrainingFacts,
} from "../../stages/train/card.ts";
import { FACTS, TRAINING } from "./card_facts.ts";
import { plain } from "../../stages/train/card/words.ts";

const cardOf = (facts: Partial<CardFacts> = {}, training: Partial<TrainingFacts> = {}) =>
  formatCard(describeModel({ ...FACTS, training: { ...TRAINING, ...training }, ...facts }));

/** Text of a section. */
function section(card: string, heading: string): string {
  const [, text] = card.split(`\n## ${heading}\n`);
  ok(text !== undefined, `there is a section "${heading}"`);
  return text.split("\n## ")[0].trim();
}

Deno.test("the lines in front are what the Hub looks for, and there is no result of a test yet", () => {
  const card = cardOf();
  const [, front] = card.split("---\n");
  equal(parse(front), {
    library_name: "transformers",
    pipeline_tag: "image-classification",
    tags: ["image-classification", "vision", "vit"],
    metrics: ["accuracy"],
  });
  match(section(card, "Licence"), /^None is given here/);
});

Deno.test("every epoch has a row, and the last one a sentence", () => {
  const text = section(cardOf(), "Training and validation");
  ok(text.includes("| 1 | 1.0500 | 50.00% | 1.1000 | 50.00% |\n"));
  ok(text.includes("| 2 | 0.4124 | 95.00% | 0.7100 | 62.50% |"));
  match(
    text,
    /loss 0\.4124 and accuracy 95\.00% on the 20 training images; loss 0\.7100 and accuracy 62\.50% on the 8 validation images/,
  );
});

Deno.test("the recipe says what was done, warm-up and the short last batch included", () => {
  const text = section(cardOf(), "Recipe");
  const lines = [
    "| frozen | nothing |",
    "| optimiser | AdamW, betas 0.9 and 0.999, epsilon 1e-8, weight decay 0.01 on tensors of two or more dimensions |",
    // ceil(0.25 * 6) = 2
    "| learning rate | 0.001 at its peak; rises from 0 over the first 2 steps, then falls to 0 on a line |",
    // 20 = 8 + 8 + 4
    "| batch | 8 images, the last of an epoch 4, in a new order each epoch |",
    "| length | 2 epochs, 6 steps |",
    "| gradient clipping | norm of all gradients at most 1 |",
    "| label smoothing | none |",
    "| seed of the order | 7 |",
    "| augmentation | none: every image as it is |",
  ];
  for (const line of lines) ok(text.includes(line), line);
});

Deno.test("frozen parts are counted from below, or named where they are scattered", () => {
  const trainable = (frozen: string[]) => ({
    tensors: ["embeddings", "block 0", "block 1", "block 2", "norm", "head"].map((part) => ({
      name: part,
      shape: [1],
      part,
      status: frozen.includes(part) ? "frozen" as const : "trainable" as const,
    })),
    of: { data: "", model: "" },
    frozen: 600,
    trainable: 400,
    features: null,
    reason: "",
  });
  const recipe = (frozen: string[]) =>
    section(cardOf({}, { trainable: trainable(frozen) }), "Recipe");
  match(
    recipe(["embeddings", "block 0", "block 1"]),
    /\| frozen \| the embeddings and the lowest 2 of 8 blocks: 600 parameters \|/,
  );
  match(recipe(["embeddings"]), /\| trained \| 400 parameters \(40\.0%\) \|/);
  match(recipe(["block 1", "block 2"]), /\| frozen \| blocks 1 and 2 of 8, from 0: /);
  match(recipe([]), /\| frozen \| nothing \|/);
});

Deno.test("a parameter that the card has no words for is listed as it stands", () => {
  const more = { ...TRAINING.params, momentum_decay: 0.75, mix: { a: "x|y" } };
  const text = section(cardOf({}, { params: more }), "Recipe");
  ok(text.includes("| `momentum_decay` | `0.75` |"));
  ok(text.includes('| `mix` | `{"a":"x\\|y"}` |'));
});

Deno.test("what goes beyond the defaults is told in words, and nothing of it otherwise", () => {
  const plain = section(cardOf(), "Recipe");
  ok(plain.includes("| augmentation | none: every image as it is |"));
  for (const word of ["lower layers", "batches in a step", "weights of classes", "best"]) {
    ok(!plain.includes(word), word);
  }
  const { params } = TRAINING;
  const text = section(
    cardOf({}, {
      params: {
        ...params,
        layer_decay: 0.75,
        accumulate: 2,
        class_weights: { dog: 3 },
        augment: { ...params.augment, flip: 0.5, mixup: 0.2, cutmix: 1 },
      },
    }),
    "Recipe",
  );
  match(text, /\| learning rate of lower layers \| times 0\.75 from block to block downwards/);
  match(text, /\| batches in a step \| 2, as one of 16 images \|/);
  match(text, /\| weights of classes \| dog 3; all others 1 \|/);
  match(text, /mirrored with probability 0\.5; mixup with alpha 0\.2; CutMix with alpha 1; one of/);
  match(text, /\| seed of the order and the augmentation \| 7 \|/);
});

Deno.test("the kept epoch's numbers stand in front, and an early stop is told", () => {
  const card = cardOf({}, {
    params: { ...TRAINING.params, epochs: 9, keep: "best", patience: 1 },
    history: { ...TRAINING.history, published_epoch: 0 },
  });
  match(section(card, "Recipe"), /\| 9 epochs; stopped early, after 2: .*that with the best/);
  const text = section(card, "Training and validation");
  match(text, /^After epoch 1, whose model this is: loss 1\.0500 and accuracy 50\.00%/);
  match(section(card, "Intended use and limits"), /validation accuracy of 50\.00%/);
});

Deno.test("a seed that nothing was drawn from is not mentioned", () => {
  const text = section(
    cardOf({}, { seed: undefined, params: { ...TRAINING.params, shuffle: false } }),
    "Recipe",
  );
  ok(!text.includes("seed"));
  match(text, /in the order of the files/);
});

Deno.test("limits are those of these images and this run", () => {
  const text = section(cardOf(), "Intended use and limits");
  match(text, /It knows cat, dog and frog, and nothing else/);
  match(text, /from 2 of a class \(dog\) to 10 \(cat\)\. Where it is unsure it may favour/);
  // 1 of 8 is 12.5 %; 4 of 8 are cats.
  match(
    text,
    /of 62\.50% is of 8 images: one more or less is 12\.50%\. Always answering "cat" would be right in 50\.00%\./,
  );
  match(text, /\(95\.00%\) than on those held back, by 32\.5 points/);
  match(text, /squeezed into 64 × 64 pixels/);
});

Deno.test("small images are said to be enlarged, large ones to be reduced", () => {
  const limits = (stored: { height: number; width: number }) => {
    const { transform } = FACTS.dataset;
    const dataset = { ...FACTS.dataset, stored, transform: { ...transform, applied: false } };
    return section(cardOf({ dataset }), "Intended use and limits");
  };
  match(limits({ height: 32, width: 32 }), /32 × 32 pixels and are enlarged to 64 × 64 pixels/);
  match(limits({ height: 96, width: 96 }), /96 × 96 pixels and are reduced to 64 × 64 pixels/);
});

Deno.test("without validation images there is no validation accuracy, and a word about it", () => {
  const epochs = TRAINING.history.epochs.map((epoch) => ({
    ...epoch,
    validation_loss: null,
    validation_accuracy: null,
  }));
  const card = cardOf({}, { history: { ...TRAINING.history, epochs } });
  ok(section(card, "Training and validation").includes("| 2 | 0.4124 | 95.00% | – | – |"));
  match(section(card, "Intended use and limits"), /No images were held back/);
});

Deno.test("a model with a new head that was not trained is said to know nothing", () => {
  for (const training of [undefined, { ...TRAINING, history: { steps: [], epochs: [] } }]) {
    const card = formatCard(describeModel({ ...FACTS, training }));
    match(section(card, "Intended use and limits"), /drawn at random .* its answers say nothing/);
    ok(!card.includes("fine-tuned"));
  }
});

Deno.test("how the images were split is told in the words of preprocess, on one line", () => {
  const description =
    "# The images: pets\n\n20 images,\nsplit by <chance>.\n\n## Resizing\n\nEvery image.\n";
  const text = section(cardOf({ description }), "Images");
  strictEqual(text.split("\n")[0], "20 images, split by \\<chance\\>.");
  ok(text.includes("| dog | 2 | 1 | 1 |\n"));
  ok(text.includes("| all | 20 | 8 | 3 |"));
});

Deno.test("of very many classes the table has the range, not a row each", () => {
  const classes = Array.from({ length: 200 }, (_, i) => `class ${i}`);
  const train = classes.map((_, i) => 5 + (i % 3));
  const dataset = {
    ...FACTS.dataset,
    classes,
    sizes: { train: 1199, validation: 0, test: 200 },
    splits: { train, validation: classes.map(() => 0), test: classes.map(() => 1) },
  };
  const text = section(cardOf({ dataset }), "Images");
  equal(text.split("\n").slice(-2), ["| train | 1,199 | 5 | 7 |", "| test | 200 | 1 | 1 |"]);
});

Deno.test("a class may be called like Markdown and breaks neither table nor sentence", () => {
  strictEqual(plain("a|b*c_d"), "a\\|b\\*c_d");
  strictEqual(plain("_x_\n<b>"), "\\_x\\_ \\<b\\>");
  const classes = ["a|b", "c`d", "e"];
  const card = cardOf({
    config: { ...FACTS.config, labels: classes },
    dataset: { ...FACTS.dataset, classes },
  });
  ok(section(card, "Images").includes("| a\\|b | 10 | 4 | 1 |"));
});

Deno.test("of a data set that is known, the card says how much was used", () => {
  const text = section(cardOf({ dataset: { ...FACTS.dataset, name: "cifar10" } }), "Images");
  match(text, /^CIFAR-10 \(Krizhevsky 2009, .*\)\. Of its 60,000 images 31 were used\.\n/);
});

Deno.test("images that were left out as broken are counted, and none are not", () => {
  const write = (skipped?: { count: number; images: [] }) =>
    section(cardOf({ dataset: { ...FACTS.dataset, skipped } }), "Images");
  match(write({ count: 1, images: [] }), /^1 more image was left out as broken/m);
  match(write({ count: 1200, images: [] }), /^1,200 more images were left out as broken/m);
  doesNotMatch(write(), /left out/);
});
