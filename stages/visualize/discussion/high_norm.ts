import type { Finding } from "../../stage.ts";
import type { DiscussionInput, Part } from "./input.ts";
import { counted, percent } from "./words.ts";

/** Tokens of high norm that gather attention (Darcet et al. 2024). */
export const highNormTokens: Part = {
  title: "Tokens of high norm",
  find: ({ attention }) => attention.high_norm ? find(attention, attention.high_norm) : [],
};

function find(
  { grid, measured, blocks }: DiscussionInput["attention"],
  { blocks: byBlock, attention }: NonNullable<DiscussionInput["attention"]["high_norm"]>,
): Finding[] {
  // The last block reads what the one below it gives; a single block reads the embeddings.
  const read = Math.max(0, blocks - 2);
  const after = blocks > 1 ? `After block ${read}, which the last block reads,` : "After the block";
  const { tokens, images, threshold } = byBlock[read];
  const patches = grid[0] * grid[1] * measured;
  const most = byBlock.reduce((best, one, i) => one.tokens > byBlock[best].tokens ? i : best, 0);
  const share = tokens / patches;
  const about = { rule: "high-norm", value: share, of: measured };
  const source = `attention.json#/high_norm/blocks/${read}`;
  if (tokens === 0) {
    return [{
      text: `${after} no patch's token is of high norm (above ${threshold.toFixed(1)})${
        byBlock[most].tokens === 0
          ? ", nor after any other"
          : `; of all blocks, block ${most} gives most: ${counted(byBlock[most].tokens, "token")}`
      }.`,
      source,
      ...about,
    }];
  }
  const times = attention && attention.other > 0 ? attention.high / attention.other : undefined;
  return [{
    text: `${after} ${counted(tokens, "patch token")} (${percent(share)}) in ${
      counted(images, "image")
    } are of high norm (above ${threshold.toFixed(1)})${
      times === undefined
        ? ""
        : `; the class token gives such a patch ${
          times.toFixed(1)
        } times the weight of another of the same image${
          times > 2 ? ", so bright spots of the maps may be these and no object" : ""
        }`
    }.`,
    source,
    ...about,
  }];
}
