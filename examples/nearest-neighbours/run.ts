import { Interrupted, UserError } from "../../base/errors.ts";
import { openSafetensors } from "../../base/safetensors.ts";
import { FeatureShards } from "../../data/features.ts";
import { trainableFile } from "../../stages/freeze/files.ts";
import { POOL, SPLIT_ROWS } from "../../stages/preprocess/files.ts";
import type { StageContext } from "../../stages/stage.ts";
import type { NeighbourParams } from "./mod.ts";

/** Compares each validation image with all training images, and counts who votes for its class. */
export async function run(
  { params, inputs, output, report, signal }: StageContext<NeighbourParams, "data" | "frozen">,
): Promise<void> {
  const { features, reason, of } = await inputs.frozen.json("trainable.json", trainableFile);
  if (features === null || of.data !== inputs.data.content) {
    throw new UserError(
      `Cannot compare images: ${features === null ? reason : "freeze has read other images"}`,
      { hint: "The stage needs the activations that freeze keeps of the images of preprocess" },
    );
  }
  using pool = await openSafetensors(inputs.data.file(POOL));
  using splits = await openSafetensors(inputs.data.file(SPLIT_ROWS));
  const labels = new Int32Array(pool.read("labels").buffer);
  const train = new Int32Array(splits.read("train").buffer);
  const validation = new Int32Array(splits.read("validation").buffer);

  using shards = new FeatureShards(
    features.files.map((name) => inputs.frozen.file(name)),
    features,
  );
  const known: Vector[] = [];
  for (const row of train) known.push(unit(await classToken(shards, row)));

  const right = new Array<number>(Math.min(params.neighbours, train.length)).fill(0);
  for (const [done, row] of validation.entries()) {
    const nearest = mostSimilar(unit(await classToken(shards, row)), known, right.length);
    const votes = nearest.map((index) => labels[train[index]]);
    right.forEach((_, i) => right[i] += Number(winner(votes.slice(0, i + 1)) === labels[row]));
    report.progress(done + 1, validation.length, "images");
    // Arithmetic blocks; a macrotask lets Ctrl-C through.
    await new Promise((resolve) => setTimeout(resolve));
    if (signal.aborted) throw new Interrupted();
  }
  await output.json("neighbours.json", {
    blocks: features.blocks,
    known: train.length,
    images: validation.length,
    accuracy: right.map((count) => count / Math.max(1, validation.length)),
  });
}

type Vector = Float32Array;

/** The class token is the first of an image's tokens: `[width]`. */
async function classToken(shards: FeatureShards, row: number): Promise<Vector> {
  return (await shards.read([row])).slice(0, shards.layout.width);
}

/** Scaled to length 1, so that a scalar product is the cosine of the angle. */
function unit(x: Vector): Vector {
  const length = Math.hypot(...x);
  return x.map((value) => value / length);
}

/** Indices of the `count` vectors with the largest scalar product, the largest first. */
export function mostSimilar(x: Vector, known: readonly Vector[], count: number): number[] {
  const cosines = known.map((y) => y.reduce((sum, value, i) => sum + value * x[i], 0));
  return [...known.keys()].sort((a, b) => cosines[b] - cosines[a]).slice(0, count);
}

/** The class with most votes; of equal ones that which was voted for first. */
export function winner(votes: readonly number[]): number {
  const counts = new Map<number, number>();
  for (const vote of votes) counts.set(vote, (counts.get(vote) ?? 0) + 1);
  return [...counts].reduce((best, next) => next[1] > best[1] ? next : best)[0];
}
