import { deepEqual, equal, match, ok } from "node:assert/strict";
import { wilson } from "../../base/statistics.ts";
import { beforeAfter } from "../../figures/before_after.ts";
import { accuracyByClass } from "../../figures/class_accuracy.ts";
import { classBalance } from "../../figures/class_balance.ts";
import { confusedPairs } from "../../figures/confused_pairs.ts";
import { confusionMatrix } from "../../figures/confusion.ts";
import { seriate } from "../../figures/seriation.ts";
import { counted, percent, rounded, shorten } from "../../figures/figure.ts";
import { learningCurves } from "../../figures/learning_curves.ts";
import { positionSimilarity } from "../../figures/position_similarity.ts";
import { render } from "../../figures/render.ts";
import { trainableByPart } from "../../figures/trainable.ts";
import { trainingSteps } from "../../figures/training_steps.ts";

/** A spec as far as these tests look into it. */
interface Spec {
  title: { subtitle: string | string[] };
  data: { values: Record<string, unknown>[] };
  hconcat: Spec[];
  width: number;
  height: number;
  encoding: {
    y: { scale: { zero: boolean } };
    color: { scale: { domainMin: number }; legend: { values: number[]; format: string } };
  };
}
const spec = (figure: { spec: Record<string, unknown> }) => figure.spec as unknown as Spec;
const rows = (figure: { spec: Record<string, unknown> }) => spec(figure).data.values;

Deno.test("numbers are written as people read them", () => {
  equal(counted(1, "image"), "1 image");
  equal(counted(3647624, "parameter"), "3,647,624 parameters");
  equal(percent(0.86134), "86.1%");
  equal(rounded(0.123456789, 3), 0.123);
  equal(shorten("aeroplane", 5), "aero…");
  equal(shorten("car", 5), "car");
});

Deno.test("epochs count from 1 on the axis, and a missing validation has no points", () => {
  const figure = learningCurves([
    {
      epoch: 0,
      train_loss: 1.5,
      train_accuracy: 0.5,
      validation_loss: null,
      validation_accuracy: null,
    },
    {
      epoch: 1,
      train_loss: 1,
      train_accuracy: 0.75,
      validation_loss: null,
      validation_accuracy: null,
    },
  ]);
  const [loss, accuracy] = spec(figure).hconcat.map((panel) => panel.data.values);
  deepEqual(loss, [
    { epoch: 1, split: "train", value: 1.5 },
    { epoch: 2, split: "train", value: 1 },
  ]);
  deepEqual(accuracy.map(({ value }) => value), [0.5, 0.75]);
});

Deno.test("the epoch whose model is kept is marked in both panels and named, and none where none was chosen", () => {
  const epochs = [0.5, 0.75, 0.625].map((validation_accuracy, epoch) => ({
    ...{ epoch, train_loss: 1 / (1 + epoch), train_accuracy: 0.5 + epoch / 8 },
    ...{ validation_loss: 1, validation_accuracy },
  }));
  const marks = (kept?: number) => {
    const { spec } = learningCurves(epochs, kept);
    return (JSON.stringify(spec).match(/"values":\[\{"epoch":\d+\}\]/g) ?? []).join();
  };
  equal(marks(), "");
  equal(marks(1), '"values":[{"epoch":2}],"values":[{"epoch":2}]');
  match(
    learningCurves(epochs, 1).description,
    /Dashed: epoch 2, whose model is kept \(train 62\.5%, validation 75\.0%\)\.$/,
  );
});

Deno.test("an axis of the learning curves that does not start at 0 is said to, and none that does", () => {
  const curves = (losses: number[], accuracies: number[]) => {
    const figure = learningCurves(losses.map((train_loss, epoch) => ({
      epoch,
      train_loss,
      train_accuracy: accuracies[epoch],
      validation_loss: null,
      validation_accuracy: null,
    })));
    const { title: { subtitle }, hconcat } = spec(figure);
    const fromZero = hconcat.map(({ encoding }) => encoding.y.scale.zero);
    return [...fromZero, [subtitle].flat().slice(1).join()];
  };
  deepEqual(curves([1.2, 1], [0.8, 0.9]), [false, false, "Neither axis starts at 0"]);
  deepEqual(curves([1, 0.1], [0.8, 0.9]), [
    true,
    false,
    "The axis of accuracy does not start at 0",
  ]);
  deepEqual(curves([1.2, 1], [0.1, 0.9]), [false, true, "The axis of loss does not start at 0"]);
  deepEqual(curves([1, 0.1], [0.1, 0.9]), [true, true, ""]);
  deepEqual(curves([1.2], [0.8]), [true, true, ""]); // one value has no range to fill the axis with
});

Deno.test("the ends of epochs are marked among the steps, and the one that is kept by itself", () => {
  const steps = Array.from(
    { length: 12 },
    (_, step) => ({ step, learning_rate: 0.001, loss: 1, grad_norm: 2 }),
  );
  const marks = (of: { epochs: number; kept?: number }) => {
    const { spec } = trainingSteps(steps, of);
    return (spec.vconcat as { layer: { data?: { values: unknown } }[] }[])[0].layer
      .flatMap(({ data }) => data ? [data.values] : []);
  };
  // Four epochs of three steps, counted from 0, end at 2, 5, 8 and, with the axis, 11.
  deepEqual(marks({ epochs: 4 }), [[{ step: 2 }, { step: 5 }, { step: 8 }]]);
  deepEqual(marks({ epochs: 4, kept: 1 }), [[{ step: 2 }, { step: 8 }], [{ step: 5 }]]);
  deepEqual(marks({ epochs: 1 }), []);
  match(trainingSteps(steps, { epochs: 4, kept: 1 }).description, /Epoch 2, .* at step 5\.$/);
});

Deno.test("a picture in a tile of another shape has its frame around itself alone", () => {
  const picture = (width: number, height: number) => ({
    ...{ width, height },
    data: new Uint8Array(width * height * 3),
  });
  const { spec } = beforeAfter([
    { label: "tall", before: picture(2, 4), after: picture(4, 4) },
    { label: "wide", before: picture(4, 2), after: picture(4, 4) },
  ], "bilinear");
  const layers = (spec as unknown as { layer: { data: { values: Record<string, number>[] } }[] })
    .layer;
  const sizes = layers[1].data.values.map(({ x, y, x2, y2 }) => [x2 - x, y2 - y]);
  // Tiles of 150 by 300, as tall as the tallest.
  deepEqual(sizes, [[150, 300], [150, 75], [150, 150], [150, 150]]);
});

Deno.test("half a million steps are drawn", () => {
  const steps = Array.from({ length: 500_000 }, (_, step) => ({
    step,
    learning_rate: step === 300_000 ? 0.25 : 0.125,
    loss: 1,
    grad_norm: 2,
  }));
  const figure = trainingSteps(steps, { epochs: 1 });
  equal(rows(figure).length, 2001); // every 250th, and the last
  match(figure.description, /learning rate \(at most 0\.25\)/);
});

Deno.test("of more than 2,000 steps every n-th and the last are drawn, and the figure says so", () => {
  const steps = Array.from({ length: 4004 }, (_, step) => ({
    step,
    learning_rate: 0.001,
    loss: 1,
    grad_norm: 2,
  }));
  const drawn = rows(trainingSteps(steps, { epochs: 1 })).map(({ step }) => step as number);
  equal(drawn.length, 1336); // 4004 / 3, rounded up, and the last
  deepEqual([...drawn.slice(0, 3), ...drawn.slice(-2)], [0, 3, 6, 4002, 4003]);
  equal(
    spec(trainingSteps(steps, { epochs: 1 })).title.subtitle,
    "4,004 steps, of which every 3rd and the last are drawn",
  );
  equal(rows(trainingSteps(steps.slice(0, 2000), { epochs: 1 })).length, 2000);
});

Deno.test("a cell of the confusion matrix is a share of its true class", () => {
  const figure = confusionMatrix(["cat", "dog"], [[3, 1], [0, 8]]);
  const cells = rows(figure).map(({ actual, predicted, images, share }) =>
    [actual, predicted, images, share].join(" ")
  ).toSorted();
  deepEqual(cells, ["cat cat 3 0.75", "cat dog 1 0.25", "dog cat 0 0", "dog dog 8 1"]);
  match(figure.description, /Most often confused: cat taken for dog \(1\)\./);
});

Deno.test("a class without test images leaves an empty row, not a division by zero", () => {
  const figure = confusionMatrix(["cat", "dog"], [[2, 0], [0, 0]]);
  ok(rows(figure).every(({ share }) => Number.isFinite(share)));
});

Deno.test("of a large matrix the largest cells are drawn, and the figure says how many", () => {
  const n = 100;
  const matrix = Array.from(
    { length: n },
    (_, i) => Array.from({ length: n }, (_, j) => i === j ? 50 : 1),
  );
  const figure = confusionMatrix(Array.from({ length: n }, (_, i) => `class ${i}`), matrix);
  equal(rows(figure).length, 8000);
  equal(rows(figure).filter(({ images }) => images === 50).length, 100);
  ok(spec(figure).title.subtitle.includes("The 8,000 largest of 10,000 cells"));
});

Deno.test("pairs stand in their order, with what chance would make of them", () => {
  const figure = confusedPairs([
    { classes: ["dog", "cat"], images: [4, 3], expected: 1.23456, beyond: true },
    { classes: ["frog", "cat"], images: [1, 0], expected: 2, beyond: false },
  ]);
  deepEqual((figure.spec.data as { values: unknown }).values, [
    {
      pair: "1. dog, cat",
      images: 7,
      expected: 1.23,
      kind: "more than chance explains",
      label: "7 (4 and 3)",
    },
    {
      pair: "2. frog, cat",
      images: 1,
      expected: 2,
      kind: "no more than chance explains",
      label: "1 (1 and 0)",
    },
  ]);
  match(figure.description, /first: dog, cat, 7 \(4 and 3\) images, where 1\.23 .*explains: 1\.$/);
});

Deno.test("classes that are confused stand beside each other, blocks together", () => {
  // 0 with 2 and 1 with 3 are confused, and hardly anything else.
  const matrix = [[6, 0, 4, 0], [0, 7, 0, 3], [4, 0, 5, 1], [0, 3, 0, 7]];
  // 2 and 3 meet, as these are the only ones that are confused across the blocks.
  deepEqual(seriate(matrix), [0, 2, 3, 1]);
  const { spec } = confusionMatrix(["a", "b", "c", "d"], matrix);
  const { x, y } = (spec as { encoding: Record<string, { scale: { domain: string[] } }> }).encoding;
  deepEqual([x.scale.domain, y.scale.domain], [["a", "c", "d", "b"], ["a", "c", "d", "b"]]);
  match(JSON.stringify(spec.title), /often confused stand beside each other/);
});

Deno.test("a matrix without mistakes keeps its order, and any order is one of all classes", () => {
  deepEqual(seriate([[2, 0, 0], [0, 2, 0], [0, 0, 0]]), [0, 1, 2]);
  deepEqual(seriate([]), []);
  deepEqual(seriate([[5]]), [0]);
  const n = 300;
  // Groups of three, spread over the indices: i, i + 100 and i + 200 are confused.
  const matrix = Array.from(
    { length: n },
    (_, i) => Array.from({ length: n }, (_, j) => i === j ? 10 : i % 100 === j % 100 ? 2 : 0),
  );
  const order = seriate(matrix);
  deepEqual(order.toSorted((a, b) => a - b), Array.from({ length: n }, (_, i) => i));
  for (let at = 0; at < n; at += 3) {
    equal(new Set(order.slice(at, at + 3).map((i) => i % 100)).size, 1);
  }
});

Deno.test("classes stand by accuracy, and those without images are left out", () => {
  const figure = accuracyByClass([
    { class: "cat", images: 4, correct: 1 },
    { class: "dog", images: 4, correct: 3 },
    { class: "emu", images: 0, correct: 0 },
  ], 0.5);
  deepEqual(
    rows(figure).map((row) => [row.class, row.accuracy]),
    [["dog", 0.75], ["cat", 0.25]],
  );
});

Deno.test("of many classes the best and the worst are drawn, with a gap that says how many are between", () => {
  const classes = Array.from(
    { length: 50 },
    (_, i) => ({ class: `class ${i}`, images: 100, correct: 99 - i }),
  );
  const order = (some: typeof classes) =>
    (spec(accuracyByClass(some, 0.5)).encoding.y.scale as unknown as { domain: string[] }).domain;
  const of50 = order(classes);
  deepEqual(of50.slice(18, 23), [
    ...["class 18", "class 19", "(10 classes between)", "class 30", "class 31"],
  ]);
  equal(of50.length, 41);
  equal(order(classes.slice(0, 41))[20], "(1 class between)");
  deepEqual(order(classes.slice(0, 40)), classes.slice(0, 40).map((row) => row.class));
});

Deno.test("long names of classes that begin alike are drawn with ends that tell them apart", async () => {
  const { svg } = await render(accuracyByClass([
    { class: "a class whose name is rather long, number 17", images: 4, correct: 3 },
    { class: "a class whose name is rather long, number 171", images: 4, correct: 2 },
    { class: "thirty-four letters, all are there", images: 4, correct: 1 },
  ], 0.5));
  const labels = [...svg.matchAll(/<text[^>]*>([^<]*(?:long|letters)[^<]*)<\/text>/g)];
  deepEqual(labels.map(([, text]) => text), [
    "a class whose nam… long, number 17",
    "a class whose nam…long, number 171",
    "thirty-four letters, all are there",
  ]);
});

Deno.test("Wilson's interval agrees with published values", () => {
  // Newcombe 1998, table I, method 3.
  const published: [number, number, number, number][] = [
    [81, 263, 0.2553, 0.3662],
    [15, 148, 0.0624, 0.1605],
    [0, 20, 0, 0.1611],
    [1, 29, 0.0061, 0.1718],
  ];
  for (const [correct, images, low, high] of published) {
    const interval = wilson(correct, images);
    deepEqual(interval.map((x) => Number(x.toFixed(4))), [low, high]);
  }
});

Deno.test("a split without images has no panel in the class balance", () => {
  const figure = classBalance(["cat", "dog"], [
    { split: "train", counts: [3, 5] },
    { split: "validation", counts: [0, 0] },
    { split: "test", counts: [1, 1] },
  ]);
  equal(spec(figure).hconcat.length, 2);
  deepEqual(spec(figure).title.subtitle, ["8 train, 2 test", "Each panel has a scale of its own"]);
});

Deno.test("of a large grid of positions some stand for the rest, first and last among them", () => {
  const similarity = { length: 196 * 196, at: 0 } as unknown as ArrayLike<number>;
  const figure = positionSimilarity(
    new Proxy(similarity, { get: (target, key) => key === "length" ? target.length : 0.5 }),
    [14, 14],
  );
  equal(rows(figure).length, 25 * 196); // 5 x 5 maps: 36 would have more than 5,000 squares
  match(String(spec(figure).title.subtitle), /5 × 5 of them at even distances/);
  const small = positionSimilarity(new Float32Array(16 * 16), [4, 4]);
  equal(rows(small).length, 16 * 16);
});

Deno.test("maps of positions keep within their square, whatever the grid", () => {
  const size = (down: number, across: number) => {
    const figure = spec(positionSimilarity(new Float32Array((down * across) ** 2), [down, across]));
    return [figure.width, figure.height];
  };
  // Squares of 30 pixels: 4 maps of 4 with 3 gaps, and 2 maps of 2 with one.
  deepEqual(size(4, 2), [150, 570]);
  deepEqual(size(2, 4), [570, 150]);
  deepEqual(size(8, 8), [568, 568]);
  for (const [down, across] of [[1, 1], [1, 60], [60, 1], [7, 40]]) {
    ok(Math.max(...size(down, across)) <= 600, `${down} x ${across}`);
  }
});

Deno.test("the legend of similarity names the middle and both ends of its colours", () => {
  const { encoding: { color } } = spec(positionSimilarity([1, -0.5, -0.5, 1], [1, 2]));
  equal(color.scale.domainMin, -0.5);
  deepEqual(color.legend.values, [-0.5, 0.25, 1]);
  equal(color.legend.format, ".2f");
});

Deno.test("frozen and trainable parameters are summed over the parts", () => {
  const figure = trainableByPart([
    { part: "embeddings", frozen: 30, trainable: 0 },
    { part: "block 0", frozen: 0, trainable: 70 },
  ]);
  equal(spec(figure).title.subtitle, "30 frozen, 70 trainable (70.0%)");
  equal(rows(figure).length, 2);
});
