import { attention } from "./attention.ts";
import type { Chapter } from "./chapter.ts";
import { data } from "./data.ts";
import { freezing } from "./freezing.ts";
import { model } from "./model.ts";
import { attentionByHand, comparison, patches } from "./theory.ts";
import { test } from "./test.ts";
import { training } from "./training.ts";
import { untrained } from "./untrained.ts";

/** The chapters in the order of the exercise. */
export const CHAPTERS: readonly Chapter[] = [
  ...[patches, attentionByHand, comparison],
  ...[data, model, untrained, freezing, training, test, attention],
];
