import { count } from "../../../figures/figure.ts";
import { newParametersFile } from "../../../stages/new-model/files.ts";
import type { StageView } from "../read.ts";
import { type Chapter, facts, figuresOf, filesOf } from "./chapter.ts";

/** Networks that nothing was known of before they were trained. */
export const untrained: Chapter = {
  id: "2b-new",
  title: "2b. A network that begins at random",
  question: "Which network is trained from random weights, and what is it made of?",
  kinds: ["new-model"],
  tell: (stage) => [
    ...tellNetwork(stage),
    ...figuresOf(stage),
    ...filesOf(stage, "parameters.json", "model/config.json"),
  ],
};

function tellNetwork(stage: StageView) {
  const file = stage.json("parameters.json", newParametersFile);
  if (!file) return [];
  const sizes = Object.entries(file.architecture).map(([name, value]) =>
    [
      name.replaceAll("_", " "),
      Array.isArray(value) ? value.join(name === "channels" ? ", " : " × ") : String(value),
    ] as const
  );
  return [
    facts(stage, "parameters.json", [
      ["Network", file.family],
      ["Parameters", count(file.total)],
      ["Weights", "drawn at random, from the seed"],
      ...sizes,
      ["Classes", count(file.head.classes)],
    ]),
  ];
}
