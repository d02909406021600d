import type { DiscussionFile } from "../files.ts";
import { byBlock } from "./blocks.ts";
import { byImage } from "./by_image.ts";
import { decision } from "./decision.ts";
import { fineTuning } from "./fine_tuning.ts";
import { highNormTokens } from "./high_norm.ts";
import type { DiscussionInput, Part } from "./input.ts";
import { limits } from "./limits.ts";
import { outcomes } from "./outcomes.ts";

export type { DiscussionInput } from "./input.ts";

/** The parts in the order in which they are read. */
const PARTS: readonly Part[] = [
  byBlock,
  decision,
  outcomes,
  fineTuning,
  highNormTokens,
  byImage,
  limits,
];

/** What the attention of this run shows: rules over its data, no text that stands for any run. */
export function discuss(input: DiscussionInput): DiscussionFile {
  const parts = PARTS.map(({ title, find }) => ({
    title,
    findings: find(input).map(({ interval, ...rest }) => ({
      ...rest,
      ...(interval && { interval: [interval[0], interval[1]] as [number, number] }),
    })),
  }));
  return {
    parts: parts.filter(({ findings }) => findings.length > 0),
    images: [...input.images],
  };
}
