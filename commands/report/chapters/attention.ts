import { counted } from "../../../figures/figure.ts";
import {
  attentionFile,
  type FaithfulnessFile,
  faithfulnessFile,
} from "../../../stages/visualize/files.ts";
import type { Block } from "../document.ts";
import type { StageView } from "../read.ts";
import { MAP_NAMES } from "../../../stages/visualize/discussion/decision.ts";
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
  const tested = stage.json("faithfulness.json", faithfulnessFile);
  return [{
    type: "answer",
    text:
      `Shown are ${
        counted(file.images.length, "test image")
      }, each as the last of ${file.blocks} blocks attends to it by head, as the rollout over all blocks has it, and as what speaks for a ` +
      `class; means are over ${counted(file.measured, "test image")}. ${verdict(tested)}`,
    source: `${stage.name}/attention.json`,
  }];
}

/** Which maps say on what the class depends, as far as that was put to the test. */
function verdict(tested: FaithfulnessFile | undefined): string {
  if (tested === undefined) {
    return "Whether the class depends on where they are bright was not put to the test.";
  }
  const named = (better: boolean) =>
    tested.methods.flatMap(({ method, better_than_random }) =>
      better_than_random === better && MAP_NAMES[method] ? [MAP_NAMES[method]] : []
    );
  const [good, bad] = [named(true), named(false)];
  const of = `on ${counted(tested.images, "image")}`;
  return [
    ...(good.length > 0
      ? [`Better than a random order, removing and adding patches ${of}: ${good.join(", ")}.`]
      : []),
    ...(bad.length > 0 ? [`Not better on both: ${bad.join(", ")}.`] : []),
  ].join(" ");
}
