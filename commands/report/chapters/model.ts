import { count, counted } from "../../../figures/figure.ts";
import { parametersFile } from "../../../stages/load-pretrained/files.ts";
import type { Block } from "../document.ts";
import type { StageView } from "../read.ts";
import { type Chapter, facts, figuresOf, filesOf, findingsOf, textsOf } from "./chapter.ts";

/** 2b: the model as it was loaded. */
export const model: Chapter = {
  id: "2b",
  title: "2b. The pretrained model",
  question: "Which pretrained Vision Transformer is fine-tuned, and what is it made of?",
  kinds: ["load-pretrained"],
  tell: (stage) => [
    ...tellModel(stage),
    ...figuresOf(stage),
    ...findingsOf(stage),
    ...textsOf(stage),
    ...filesOf(stage, "parameters.json", "model/config.json"),
  ],
};

function tellModel(stage: StageView): Block[] {
  const file = stage.json("parameters.json", parametersFile);
  if (!file) return [];
  const { architecture: a, head } = file;
  const source = `${stage.name}/parameters.json`;
  return [
    {
      type: "answer",
      text: `${modelName(stage)}: ${count(file.total)} parameters in ${
        counted(a.blocks, "block")
      } of width ${count(a.hidden_size)}. It reads ${a.image_size.join(" × ")} pixels as ${
        count(a.tokens)
      } tokens, and its head for ${counted(head.classes, "class", "classes")} is ${
        head.source === "new" ? "new" : "the pretrained one"
      }.`,
      source,
    },
    facts(stage, "parameters.json", [
      ["Model", `${modelName(stage)} (${file.family})`],
      ["Parameters", count(file.total)],
      ["Input", `${a.image_size.join(" × ")} pixels in patches of ${a.patch_size.join(" × ")}`],
      ["Tokens", `${count(a.tokens)}: the patches and what stands before them`],
      ["Blocks", `${a.blocks}, each with ${counted(a.heads, "head")}`],
      ["Width", `${count(a.hidden_size)}, MLP ${count(a.intermediate_size)} (${a.hidden_act})`],
      ["Head", `${head.source}, ${head.classes} classes`],
    ]),
    {
      type: "table",
      table: {
        caption: "Parameters by part, from the input up",
        head: ["Part", "Tensors", "Parameters"],
        numeric: [1, 2],
        rows: file.parts.map((part) => [part.name, count(part.tensors), count(part.parameters)]),
        folded: true,
        source,
      },
    },
  ];
}

/** A model's name, or the folder's where it is a path: where on the machine it lies is nobody's. */
export function modelName(stage: StageView): string {
  const name = String(stage.parameters.model ?? stage.name);
  return /^(?:\/|[A-Za-z]:)/.test(name) ? name.split(/[/\\]/).filter(Boolean).at(-1) ?? name : name;
}
