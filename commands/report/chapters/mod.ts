import { attention } from "./attention.ts";
import type { Chapter } from "./chapter.ts";
import { data } from "./data.ts";
import { freezing } from "./freezing.ts";
import { model } from "./model.ts";
import { test } from "./test.ts";
import { training } from "./training.ts";

/** The chapters in the order of the exercise. */
export const CHAPTERS: readonly Chapter[] = [data, model, freezing, training, test, attention];
