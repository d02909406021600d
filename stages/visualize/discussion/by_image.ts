import type { Finding } from "../../stage.ts";
import { largestAt } from "../largest.ts";
import type { DiscussionInput, Part } from "./input.ts";
import { centerArea, centerShare, place, tenth, topShare } from "./map.ts";
import { counted, mean, percent } from "./words.ts";

/** Where each map is bright, and how much of it. */
export const byImage: Part = {
  title: "Image by image",
  find: (input) => [together(input), ...input.attention.images.map((_, i) => one(input, i))],
};

/** Shares that lie closer than this are told as about the same. */
const SAME = 0.02;

function together({ attention, drawn }: DiscussionInput): Finding {
  const { images, grid } = attention;
  const right = images.filter(({ label, predicted }) => label === predicted).length;
  const patches = grid[0] * grid[1];
  const few = tenth(grid);
  const share = mean(drawn.map(({ rollout }) => topShare(rollout, few)));
  return {
    text: `Of the ${
      counted(images.length, "image")
    } drawn the model is right on ${right}. On average the strongest ${few} of ${patches} patches have ${
      percent(share)
    } of the rollout (${percent(few / patches)} would be even)${middle(drawn, grid)}.`,
    rule: "concentration",
    value: share,
    of: images.length,
    source: "attention.json#/images",
  };
}

/** How much of the rollout is in the middle; nothing where the grid is too small to have one. */
function middle(drawn: DiscussionInput["drawn"], grid: readonly number[]): string {
  if (Math.min(...grid) < 4) return "";
  const area = centerArea(grid);
  const share = mean(drawn.map(({ rollout }) => centerShare(rollout, grid)));
  return `, and the middle of the picture, ${percent(area)} of its area, has ${percent(share)}: ${
    Math.abs(share - area) < SAME
      ? "about as much"
      : share > area
      ? "more than its share"
      : "less than its share"
  }`;
}

function one({ attention, drawn }: DiscussionInput, i: number): Finding {
  const { images, classes, grid, heads } = attention;
  const { index, label, predicted, probability, other, other_probability } = images[i];
  const { lastBlock, rollout } = drawn[i];
  const patches = grid[0] * grid[1];
  const few = tenth(grid);
  const places = new Set(
    Array.from(
      { length: heads },
      (_, head) => place(largestAt(lastBlock.subarray(head * patches, (head + 1) * patches)), grid),
    ),
  );
  return {
    text: `Image ${index}, ${classes[label]}, taken for ${classes[predicted]} with ${
      percent(probability)
    }${
      other === undefined || other_probability === undefined
        ? ""
        : ` (then ${classes[other]}, ${percent(other_probability)})`
    }: its rollout is ${nearlyEven(rollout) ? "nearly even, " : ""}strongest ${
      place(largestAt(rollout), grid)
    }, the strongest ${few} of ${patches} patches have ${
      percent(topShare(rollout, few))
    } of it; the ${counted(heads, "head")} of the last block have their peaks in ${
      counted(places.size, "part")
    } of the picture.`,
    rule: "image",
    value: probability,
    of: 1,
    figure: `attention-${i + 1}`,
    source: `attention.json#/images/${i}`,
  };
}

/** Whether no patch has twice an even share: colours of a map run over its own range, and show more. */
function nearlyEven(map: Float32Array): boolean {
  const sum = map.reduce((a, b) => a + b, 0);
  return map[largestAt(map)] < 2 * sum / map.length;
}
