import { join } from "node:path";
import type { z } from "zod";
import type { RunRecord } from "../pipeline/schemas.ts";
import type { Status } from "../pipeline/types.ts";
import { type MetricsFile, metricsFile } from "../stages/evaluate/files.ts";
import { type HistoryFile, historyFile } from "../stages/train/files.ts";
import { publishedEpoch } from "../stages/train/keep.ts";

type Stage = Pick<RunRecord["stages"][number], "name" | "kind" | "status">;

/** How well a run's model does. */
export interface Validation {
  /** Share of the validation images, after the epoch whose model was published. */
  readonly accuracy: number;
  /** Mean cross-entropy, nats. */
  readonly loss: number;
}

/** Statuses of a stage whose folder shows what this run made of it, or found. */
export const IN_PLACE: readonly Status[] = ["fresh", "restored", "ran", "resumed", "redrawn"];

/** What a run measured after each epoch. */
export type Epochs = HistoryFile["epochs"];

/**
 * What a run measured as it trained; undefined where nothing was trained. Of several stages that
 * train, the last one counts.
 * @param folder `outputs/NAME`.
 */
export async function readHistory(
  folder: string,
  stages: readonly Stage[],
): Promise<HistoryFile | undefined> {
  return await read(folder, stages, "train", "history.json", historyFile);
}

/**
 * Validation of the model that was published, which is the last epoch's where no other was kept;
 * undefined where there is none, or no validation images.
 */
export function validationOf(history: HistoryFile | undefined): Validation | undefined {
  const published = history && publishedEpoch(history);
  if (published === undefined) return undefined;
  const { validation_accuracy: accuracy, validation_loss: loss } = published;
  return accuracy === null || loss === null ? undefined : { accuracy, loss };
}

/** {@linkcode validationOf} what {@linkcode readHistory} finds. */
export async function readValidation(
  folder: string,
  stages: readonly Stage[],
): Promise<Validation | undefined> {
  return validationOf(await readHistory(folder, stages));
}

/** What a run's model came to on the test images; undefined where it was not evaluated. */
export async function readMetrics(
  folder: string,
  stages: readonly Stage[],
): Promise<MetricsFile | undefined> {
  return await read(folder, stages, "evaluate", "metrics.json", metricsFile);
}

/** Share of the test images that a run's model gets right; undefined where it was not evaluated. */
export async function readTestAccuracy(
  folder: string,
  stages: readonly Stage[],
): Promise<number | undefined> {
  return (await readMetrics(folder, stages))?.accuracy;
}

/**
 * Reads a file of the last stage that has it in its form: one of a kind, or a user's own that does
 * the same work. Undefined where there is none, or where the stage of that kind did not come through.
 */
async function read<T>(
  folder: string,
  stages: readonly Stage[],
  kind: string,
  name: string,
  schema: z.ZodType<T>,
): Promise<T | undefined> {
  for (const stage of stages.toReversed()) {
    if (!IN_PLACE.includes(stage.status)) {
      if (stage.kind === kind) return undefined;
      continue;
    }
    const found = await readJson(join(folder, stage.name, name), schema);
    if (found !== undefined) return found;
  }
}

/** Reads a JSON file; undefined where it is missing or has another form. */
export async function readJson<T>(path: string, schema: z.ZodType<T>): Promise<T | undefined> {
  try {
    return schema.safeParse(JSON.parse(await Deno.readTextFile(path))).data;
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof Deno.errors.NotFound) return undefined;
    if (error instanceof Deno.errors.NotADirectory) return undefined;
    throw error;
  }
}

/** A share as people read it: `71.2%`. */
export function formatShare(share: number | null | undefined): string {
  return share === null || share === undefined ? "–" : `${(share * 100).toFixed(1)}%`;
}
