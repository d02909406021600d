import type { DiscussionFile } from "../files.ts";
import { largestAt } from "../largest.ts";
import type { DrawnObservation } from "../observe.ts";
import { centerShare, spread, tenth, topShare } from "./map.ts";
import { mean } from "./words.ts";

/** What the discussion compares images by. */
export type ImageMeasures = DiscussionFile["images"][number];

/**
 * Numbers of one image's attention.
 * @param label Its class, an index of the model's.
 */
export function measure(
  { probabilities, lastBlock, rollout }: Pick<
    DrawnObservation,
    "probabilities" | "lastBlock" | "rollout"
  >,
  index: number,
  label: number,
  heads: number,
  grid: readonly number[],
): ImageMeasures {
  const patches = rollout.length;
  const predicted = largestAt(probabilities);
  return {
    index,
    correct: predicted === label,
    probability: probabilities[predicted],
    spread: mean(Array.from(
      { length: heads },
      (_, head) => spread(lastBlock.subarray(head * patches, (head + 1) * patches)),
    )),
    concentration: topShare(rollout, tenth(grid)),
    center: centerShare(rollout, grid),
  };
}
