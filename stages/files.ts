import type { z } from "zod";
import { metricsFile, robustnessFile, trainingFile } from "./evaluate/files.ts";
import { trainableFile } from "./freeze/files.ts";
import { probeFile } from "./linear-probe/files.ts";
import { parametersFile } from "./load-pretrained/files.ts";
import { newParametersFile } from "./new-model/files.ts";
import { datasetFile } from "./preprocess/files.ts";
import { historyFile } from "./train/files.ts";
import { movementFile } from "./visualize/movement_file.ts";
import { attentionFile, discussionFile, faithfulnessFile, sanityFile } from "./visualize/files.ts";
import { formulasFile, resultFile } from "./worked-example/files.ts";

/** Every JSON file that a stage publishes, by kind and name: for docs/files/ and for the tests. */
export const FILES: Readonly<Record<string, z.ZodType>> = {
  "preprocess/dataset.json": datasetFile,
  "load-pretrained/parameters.json": parametersFile,
  "new-model/parameters.json": newParametersFile,
  "freeze/trainable.json": trainableFile,
  "train/history.json": historyFile,
  "linear-probe/probe.json": probeFile,
  "evaluate/metrics.json": metricsFile,
  "evaluate/robustness.json": robustnessFile,
  "evaluate/training.json": trainingFile,
  "visualize/attention.json": attentionFile,
  "visualize/movement.json": movementFile,
  "visualize/discussion.json": discussionFile,
  "visualize/faithfulness.json": faithfulnessFile,
  "visualize/sanity.json": sanityFile,
  "worked-example/result.json": resultFile,
  "worked-example/formulas.json": formulasFile,
};
