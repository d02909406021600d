import { count } from "../../../figures/figure.ts";
import {
  COMPARISON,
  FORMULAS,
  formulasFile,
  RESULT,
  type ResultFile,
  resultFile,
  WORKED_EXAMPLE,
} from "../../../stages/worked-example/files.ts";
import type { Block } from "../document.ts";
import { parametersFile } from "../../../stages/load-pretrained/files.ts";
import type { RunView, StageView } from "../read.ts";
import { type Chapter, figuresOf, filesOf, short } from "./chapter.ts";

const kinds = ["worked-example"];

/** 1a: how many patches, step by step. */
export const patches: Chapter = {
  id: "1a",
  title: "1a. Patches of an image",
  question: "Into how many patches is the image cut, and what does each become?",
  kinds,
  tell: (stage, run) => [
    ...answerFrom(
      stage,
      ({ patches: { image, patch, grid, count: patches, flattened, tokens } }) =>
        `An image of ${image.join(" × ")} pixels has ${grid.join(" · ")} = ${
          count(patches)
        } patches of ${patch.join(" × ")}. Each becomes a row of ${
          count(flattened)
        } numbers; with the class token the model reads ${count(tokens)} tokens.`,
    ),
    ...modelsOwn(stage, run),
    ...sectionOf(stage, 0),
    ...figuresOf(stage, (name) => name === "patch-grid"),
    ...filesOf(stage, RESULT),
  ],
};

/** 1b: attention by hand. */
export const attentionByHand: Chapter = {
  id: "1b",
  title: "1b. Attention by hand",
  question: "What does attention compute of these patches, multiplication by multiplication?",
  kinds,
  tell: (stage) => [
    ...answerFrom(
      stage,
      ({ attention: { outputs, scaled, divisor } }) =>
        `With ${
          scaled ? `scores divided by ${short(divisor)}` : "unscaled scores"
        } the outputs are ${
          outputs.map((output) => `(${output.map(short).join(", ")})`).join(", ")
        }.`,
    ),
    ...sectionOf(stage, 1),
    ...figuresOf(stage, (name) => name.startsWith("attention-")),
    ...filesOf(stage, RESULT),
  ],
};

/** 1c: three families of networks. */
export const comparison: Chapter = {
  id: "1c",
  title: "1c. CNN, RNN and Transformer compared",
  question: "How do convolutional networks, recurrent networks and Transformers differ?",
  kinds,
  tell: (stage) => [
    ...answerFrom(
      stage,
      ({ comparison: { setting: { n, d, k }, values } }) =>
        `For ${count(n)} positions of ${
          count(d)
        } numbers and kernels of ${k}, two positions are at most ${
          inWords(values.path_length)
        } apart, and so many steps wait for each other in a layer: ${
          inWords(values.sequential_steps)
        }; its work in multiply-adds: ${inWords(values.multiply_adds)}.`,
    ),
    ...(stage.markdown[COMPARISON] === undefined ? [] : [
      {
        type: "markdown",
        stage: stage.name,
        source: stage.markdown[COMPARISON],
      } as const,
    ]),
    ...figuresOf(stage, (name) => name !== "patch-grid" && !name.startsWith("attention-")),
    ...filesOf(stage, RESULT),
  ],
};

/** That the model of the run reads other tokens, where it does: 1a is an example. */
function modelsOwn(stage: StageView, run: RunView): Block[] {
  const example = stage.json(RESULT, resultFile)?.patches.tokens;
  return run.stages.filter(({ kind }) => kind === "load-pretrained").flatMap((model): Block[] => {
    const architecture = model.json("parameters.json", parametersFile)?.architecture;
    const tokens = architecture && "tokens" in architecture ? architecture.tokens : undefined;
    return tokens === undefined || tokens === example ? [] : [{
      type: "text",
      text: `These are the numbers of the exercise; the model of this run (2b) reads ${
        count(Number(tokens))
      } tokens.`,
      source: `${model.name}/parameters.json`,
    }];
  });
}

function answerFrom(stage: StageView, say: (result: ResultFile) => string): Block[] {
  const result = stage.json(RESULT, resultFile);
  return result ? [{ type: "answer", text: say(result), source: `${stage.name}/${RESULT}` }] : [];
}

function inWords({ cnn, rnn, transformer }: { cnn: number; rnn: number; transformer: number }) {
  return `${count(cnn)} (CNN), ${count(rnn)} (RNN), ${count(transformer)} (Transformer)`;
}

/** One part of worked-example.md, from behind a heading of the second level to the next. */
function sectionOf(stage: StageView, index: number): Block[] {
  const parts = stage.markdown[WORKED_EXAMPLE]?.split(/^(?=## )/m).slice(1) ?? [];
  if (parts[index] === undefined) return [];
  const formulas = stage.json(FORMULAS, formulasFile) ?? [];
  return [{
    type: "markdown",
    stage: stage.name,
    // The chapter has a heading of its own, and what was below the part's is now below that.
    source: parts[index].replace(/^## .*\n+/, "").replaceAll(/^###(?= )/gm, "#"),
    formulas: new Map(formulas.map(({ text, mathml }) => [text, mathml])),
  }];
}
