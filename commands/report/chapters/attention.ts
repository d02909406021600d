import { counted } from "../../../figures/figure.ts";
import { attentionFile } from "../../../stages/visualize/files.ts";
import type { Block } from "../document.ts";
import type { StageView } from "../read.ts";
import { type Chapter, figuresOf, filesOf, findingsOf, textsOf } from "./chapter.ts";

/** 2f: where the model looks, and what that says. */
export const attention: Chapter = {
  id: "2f",
  title: "2f. Attention, and what it shows",
  question: "Where in the image does the model attend, and what does that say about its decision?",
  kinds: ["visualize"],
  tell: (stage) => [
    ...tellAttention(stage),
    ...figuresOf(stage),
    ...findingsOf(stage),
    ...textsOf(stage),
    ...filesOf(
      stage,
      ...Object.keys(stage.artifact?.files ?? {}).filter((name) => !name.endsWith(".md")),
    ),
  ],
};

function tellAttention(stage: StageView): Block[] {
  const file = stage.json("attention.json", attentionFile);
  if (!file) return [];
  return [{
    type: "text",
    text: `The class token's attention on ${counted(file.images.length, "test image")}: in the ` +
      `last of ${file.blocks} blocks by head, and the rollout over all of them (Abnar and ` +
      `Zuidema 2020). Distance and entropy are means over ${counted(file.measured, "test image")}.`,
    source: `${stage.name}/attention.json`,
  }];
}
