import { count, counted, percent } from "../../../figures/figure.ts";
import { trainableFile } from "../../../stages/freeze/files.ts";
import { optimizerInWords, scheduleInWords } from "../../../stages/train/card/recipe.ts";
import { historyFile } from "../../../stages/train/files.ts";
import { params as trainParams } from "../../../stages/train/params.ts";
import type { Block } from "../document.ts";
import type { StageView } from "../read.ts";
import { type Chapter, facts, figuresOf, filesOf, findingsOf, textsOf } from "./chapter.ts";

/** 2c: what is frozen, and how the rest is trained. */
export const freezing: Chapter = {
  id: "2c",
  title: "2c. Frozen below, fine-tuned on top",
  question: "Which layers are frozen, and how are the others fine-tuned?",
  kinds: ["freeze"],
  tell: (stage, run) => [
    ...tellFreezing(stage),
    ...run.stages.filter(({ kind }) => kind === "train").flatMap(tellRecipe),
    ...figuresOf(stage),
    ...findingsOf(stage),
    ...textsOf(stage),
    ...filesOf(stage, "trainable.json"),
  ],
};

function tellFreezing(stage: StageView): Block[] {
  const file = stage.json("trainable.json", trainableFile);
  if (!file) return [];
  const total = Math.max(1, file.frozen + file.trainable);
  const { features, frozen, trainable } = file;
  const whole = frozenParts(file.tensors);
  return [
    {
      type: "answer",
      text: frozen === 0
        ? `Nothing is frozen: all ${count(trainable)} parameters are fine-tuned.`
        : `${whole} ${percent(frozen / total)} of the parameters. The other ${count(trainable)} (${
          percent(trainable / total)
        }) are fine-tuned.`,
      source: `${stage.name}/trainable.json`,
    },
    facts(stage, "trainable.json", [
      ["Frozen", `${count(frozen)} parameters`],
      ["Trainable", `${count(trainable)} (${percent(trainable / total)})`],
      [
        "Features",
        features === null
          ? `none: ${file.reason}`
          : `${count(features.images)} × ${features.tokens} × ${features.width} in ` +
            `${features.dtype}, computed once through ${counted(features.blocks, "block")}`,
      ],
    ]),
  ];
}

/** "The embeddings and the lowest 6 of 8 blocks are frozen:", from the tensors. */
function frozenParts(
  tensors: readonly { readonly part: string; readonly status: string }[],
): string {
  const frozen = new Map<string, boolean>();
  for (const { part, status } of tensors) {
    frozen.set(part, (frozen.get(part) ?? true) && status === "frozen");
  }
  const blocks = [...frozen].filter(([part]) => part.startsWith("block "));
  const number = blocks.filter(([, whole]) => whole).length;
  const parts = [
    ...(frozen.get("embeddings") ? ["the embeddings"] : []),
    ...(number > 0 ? [`${number} of ${blocks.length} blocks, from below,`] : []),
  ].join(" and ").replace(/,$/, "");
  if (parts === "") return "Frozen are";
  return `${parts[0].toUpperCase()}${parts.slice(1)} are frozen:`;
}

/** How what is not frozen is trained. */
function tellRecipe(stage: StageView): Block[] {
  const params = trainParams.safeParse(stage.parameters).data;
  const history = stage.json("history.json", historyFile);
  if (!params || !history) return [];
  return [{
    type: "facts",
    items: ([
      ["Optimiser", optimizerInWords(params.optimizer)],
      ["Learning rate", scheduleInWords(params, history.steps.length)],
      [
        "Steps",
        `${count(history.steps.length)}, each of ${
          counted(params.batch_size * params.accumulate, "image")
        }`,
      ],
      [
        "Clipping",
        params.clip_norm === null ? "none" : `norm of all gradients at most ${params.clip_norm}`,
      ],
    ] as const).map(([name, value]) => [name, value, "run.json"] as const),
  }];
}
