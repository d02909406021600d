import { deepStrictEqual as equal, match, strictEqual } from "node:assert/strict";
import type { HistoryFile } from "../../stages/train/files.ts";
import { findingsOf } from "../../stages/train/findings.ts";

type Row = readonly [trainLoss: number, train: number, loss: number, accuracy: number];

/** A history of these epochs, without steps; 400 validation images. */
function history(rows: readonly Row[], change: Partial<HistoryFile> = {}): HistoryFile {
  return {
    steps: [],
    epochs: rows.map((
      [train_loss, train_accuracy, validation_loss, validation_accuracy],
      epoch,
    ) => (
      { epoch, train_loss, train_accuracy, validation_loss, validation_accuracy }
    )),
    images: { train: 3600, validation: 400, step: 128 },
    ...change,
  };
}

const rulesOf = (of: HistoryFile) => findingsOf(of).map(({ rule }) => rule);
const textOf = (of: HistoryFile, rule: string) =>
  findingsOf(of).filter((finding) => finding.rule === rule).map(({ text }) => text).join("\n");

/** Both losses fall to the end, the accuracies stay together. */
const FALLING = history([
  [1.2, 0.6, 1.2, 0.6],
  [0.9, 0.7, 0.95, 0.7],
  [0.8, 0.75, 0.8, 0.745],
]);

/** Lowest after epoch 2, then the losses part. */
const TURNING = history([
  [1.2, 0.6, 1.2, 0.6],
  [0.7, 0.75, 0.8, 0.73],
  [0.4, 0.88, 0.9, 0.72],
  [0.2, 0.96, 1.0, 0.71],
]);

Deno.test("a loss that falls to the end is still falling, and nothing else is said", () => {
  equal(rulesOf(FALLING), ["published-model", "still-falling"]);
  match(textOf(FALLING, "still-falling"), /from 0\.9500 to 0\.8000 in the last epoch, by 15\.8%/);
  // Wilson at 298 of 400, by hand: (0.745 + 0.0048 ± 1.96 sqrt(0.000475 + 0.000006)) / 1.0096.
  match(textOf(FALLING, "published-model"), /74\.5% of 400 validation .*70\.0% to 78\.5%/);
});

Deno.test("a fall of less than a fiftieth is not said to be one", () => {
  const slow = history([[1, 0.6, 1, 0.6], [0.9, 0.62, 0.9, 0.62], [0.89, 0.63, 0.885, 0.63]]);
  equal(rulesOf(slow), ["published-model"]);
});

Deno.test("losses that part are overfitting, from the epoch after the lowest", () => {
  equal(rulesOf(TURNING), ["published-model", "overfitting", "gap", "best-epoch"]);
  const text = textOf(TURNING, "overfitting");
  match(text, /^Overfitting from epoch 3 on: .*lowest after epoch 2 \(0\.8000\) and 25\.0% higher/);
  // 1.96 sqrt((0.73 x 0.27 + 0.71 x 0.29) / 400) = 0.0623: 2 points are no more.
  match(text, /accuracy does not fall by more than the noise of 400 images \(6\.2 points\)/);
  match(textOf(TURNING, "gap"), /^From epoch 3 on .*at the end by 25\.0 points/);
  match(
    textOf(TURNING, "best-epoch"),
    /epoch 2, 73\.0%; .* 71\.0%: 2\.0 points less, no more than/,
  );
});

Deno.test("with many images the same fall is more than noise", () => {
  const images = { train: 90_000, validation: 10_000, step: 128 };
  const many = { ...TURNING, images };
  match(
    textOf(many, "overfitting"),
    /falls by 2\.0 points, more than the noise of 10,000 images \(1/,
  );
  match(textOf(many, "best-epoch"), /2\.0 points less, more than the noise/);
});

Deno.test("where the best is kept the gap is that of its epoch, and nothing is advised", () => {
  const kept = { ...TURNING, published_epoch: 1 };
  equal(rulesOf(kept), ["published-model", "overfitting", "best-epoch"]);
  match(
    textOf(kept, "published-model"),
    /after epoch 2 of 4, the one that is kept, is right on 73/,
  );
  match(textOf(kept, "best-epoch"), /its model is kept; that of the last epoch has 71\.0%/);
});

Deno.test("a gap that closes after the kept epoch is not said to go on", () => {
  const closing = history([[1, 0.5, 1, 0.5], [0.5, 0.95, 0.6, 0.7], [0.4, 0.7, 0.62, 0.69]]);
  match(
    textOf({ ...closing, published_epoch: 1 }, "gap"),
    /^After epoch 2 the training accuracy is above .* whose model is kept, by 25\.0 points/,
  );
});

Deno.test("a loss that stays within a hundredth for three epochs is a plateau", () => {
  const level = [[1, 0.6, 1, 0.6], [0.8, 0.7, 0.802, 0.7], [0.8, 0.7, 0.8, 0.7]] as const;
  const flat = history([...level, [0.8, 0.7, 0.806, 0.7]]);
  equal(rulesOf(flat), ["published-model", "plateau"]);
  match(textOf(flat, "plateau"), /^From epoch 2 on .* between 0\.8000 and 0\.8060, within 0\.8%/);
  equal(rulesOf(history(level)), ["published-model"]);
});

Deno.test("of losses of exactly 0 nothing is said that divides by them", () => {
  const none = history([[0, 1, 0, 1], [0, 1, 0, 1], [0, 1, 0, 1]]);
  equal(rulesOf(none), ["published-model", "plateau"]);
  match(textOf(none, "plateau"), /between 0\.0000 and 0\.0000, within 0\.0%: the last 3 epochs/);
  // The validation loss leaves 0 and comes back, or stays above it while the training loss falls.
  equal(rulesOf(history([[0, 1, 0, 1], [0, 1, 0.1, 1], [0, 1, 0, 1]])), ["published-model"]);
  equal(rulesOf(history([[0.2, 1, 0, 1], [0.1, 1, 0.3, 1]])), ["published-model"]);
});

Deno.test("a loss that jumps and comes back is unstable, one that only rises is not", () => {
  const jump = history([[1, 0.6, 1, 0.6], [1.1, 0.5, 1.25, 0.5], [0.7, 0.7, 0.9, 0.67]]);
  equal(rulesOf(jump), ["published-model", "still-falling", "unstable-epochs"]);
  match(
    textOf(jump, "unstable-epochs"),
    /once .*epoch 2: .*\(\+25\.0%\).*50\.0% \(−10\.0 points\)/,
  );
  strictEqual(textOf(TURNING, "unstable-epochs"), "");
});

Deno.test("a training loss that ends where it began is said to, one that halves is not", () => {
  const stuck = history([[2.3, 0.1, 2.3, 0.1], [2.29, 0.11, 2.2, 0.1]]);
  match(textOf(stuck, "not-learning"), /has not fallen: it was 2\.3000 .* 2\.2900 .*\(-0\.4%\)/);
  strictEqual(textOf(TURNING, "not-learning"), "");
});

Deno.test("without validation images there is nothing to compare, and without their number no noise", () => {
  const none = history([[1, 0.6, 1, 0.6], [0.5, 0.8, 1, 0.6]]);
  const epochs = none.epochs.map((row) => (
    { ...row, validation_loss: null, validation_accuracy: null }
  ));
  equal(rulesOf({ ...none, epochs }), ["published-model", "still-falling"]);
  const { images: _, ...unknown } = TURNING;
  equal(rulesOf(unknown), ["published-model", "overfitting", "best-epoch"]);
  strictEqual(/noise|interval/.test(findingsOf(unknown).map(({ text }) => text).join()), false);
  equal(findingsOf(history([], { steps: [] })), []);
});

/** 5 epochs of 10 steps whose loss and norm waver by a twentieth. */
function steps(change: (step: number) => Partial<HistoryFile["steps"][number]> = () => ({})) {
  return Array.from({ length: 50 }, (_, step) => ({
    step,
    learning_rate: 0.001,
    loss: 1 + 0.05 * Math.sin(7 * step),
    grad_norm: 2 + 0.1 * Math.cos(5 * step),
    ...change(step),
  }));
}
const five = (of: ReturnType<typeof steps>, train = 1280) =>
  history(
    Array.from({ length: 5 }, (_, i) => [1 - 0.01 * i, 0.6, 1 - 0.01 * i, 0.6] as const),
    { steps: of, images: { train, validation: 400, step: 128 } },
  );

Deno.test("steps that waver are not unstable, and a constant rate has no warm-up", () => {
  equal(rulesOf(five(steps())), ["published-model"]);
});

Deno.test("a step that stands far above those around it is a spike", () => {
  const spiked = five(steps((step) => step === 23 ? { loss: 3, grad_norm: 20 } : {}));
  equal(rulesOf(spiked), ["published-model", "unstable-loss", "unstable-gradient"]);
  match(
    textOf(spiked, "unstable-loss"),
    /leaps up once, in step 24: 3 where it is 1\.0?\d* around/,
  );
  // Twice the norm is far from the others too, and still no spike.
  equal(rulesOf(five(steps((step) => step === 23 ? { grad_norm: 4 } : {}))), ["published-model"]);
});

Deno.test("spikes that are all in short last batches are explained, not called unstable", () => {
  const last = (step: number) => step % 10 === 9 ? { grad_norm: 9 } : {};
  const short = five(steps(last), 9 * 128 + 8);
  equal(rulesOf(short), ["published-model", "short-batch"]);
  match(
    textOf(short, "short-batch"),
    /5 of 50 steps.*All of these are last .* 8 images in place of 128/,
  );
  // With full batches throughout there is no such excuse.
  equal(rulesOf(five(steps(last))), ["published-model", "unstable-gradient"]);
});

Deno.test("a rate that rises first is a warm-up", () => {
  const rate = (step: number) => 1e-3 * Math.min(step / 5, (50 - step) / 45);
  const warm = five(steps((step) => ({ learning_rate: rate(step) })));
  equal(rulesOf(warm), ["published-model", "warm-up"]);
  match(
    textOf(warm, "warm-up"),
    /rises from 0 to 0\.001 in the first 5 steps and falls to 0\.0000222/,
  );
  // Falling from the start, there is none.
  const falling = five(steps((step) => ({ learning_rate: 1e-3 * (1 - step / 50) })));
  equal(rulesOf(falling), ["published-model"]);
});

Deno.test("steps of float16 that changed nothing are counted, and hide no spike", () => {
  const skipped = five(steps((step) => {
    if (step === 0 || step === 7) return { grad_norm: 0 };
    return step === 23 ? { grad_norm: 20 } : {};
  }));
  equal(rulesOf(skipped), ["published-model", "unstable-gradient", "skipped-steps"]);
  match(textOf(skipped, "unstable-gradient"), /leaps up once, in step 24:/);
  match(textOf(skipped, "skipped-steps"), /^In 2 of 50 steps, last in step 8, .* float16/);
  const rising = (step: number) => ({
    learning_rate: 1e-3 * Math.min(step / 5, 1),
    ...(step === 0 ? { grad_norm: 0 } : {}),
  });
  match(textOf(five(steps(rising)), "warm-up"), /gradient norm from [1-9]\.\d\d to/);
});

Deno.test("two runs give two texts, and each number leads to its place", () => {
  const [a, b] = [FALLING, TURNING].map((of) => findingsOf(of).map(({ text }) => text));
  strictEqual(a.filter((text) => b.includes(text)).length, 0);
  for (const run of [FALLING, TURNING]) {
    for (const { source } of findingsOf(run)) {
      const [file, pointer] = source!.split("#");
      strictEqual(file, "history.json");
      const found = pointer.split("/").slice(1)
        .reduce<unknown>((tree, step) => (tree as Record<string, unknown>)?.[step], run);
      strictEqual(found === undefined, false, source!);
    }
  }
});
