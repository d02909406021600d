import { join } from "node:path";
import type { z } from "zod";
import { ARTIFACT_FILE, parseArtifactRecord } from "../pipeline/artifact.ts";
import type { RunRecord } from "../pipeline/schemas.ts";
import type { Status } from "../pipeline/types.ts";
import { type MetricsFile, metricsFile } from "../stages/evaluate/files.ts";
import { type ProbeFile, probeFile } from "../stages/linear-probe/files.ts";
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

/** Whose result a stage's folder shows. */
export type Shown = "this run" | "an earlier run";

/**
 * Whose result the folder of a stage shows. Where `--until` ended a run before a stage, what an
 * earlier run made of it is still there; it counts where it is whole. Undefined where there is none,
 * or the stage did not come through.
 * @param folder `outputs/NAME`.
 */
export async function shownBy(folder: string, stage: Stage): Promise<Shown | undefined> {
  if (IN_PLACE.includes(stage.status)) return "this run";
  if (stage.status !== "not reached") return undefined;
  const path = join(folder, stage.name);
  try {
    const record = await parseArtifactRecord(await Deno.readTextFile(join(path, ARTIFACT_FILE)));
    if ("wrong" in record || record.kind !== stage.kind) return undefined;
    for (const [name, { size }] of Object.entries(record.files)) {
      if ((await Deno.stat(join(path, name))).size !== size) return undefined;
    }
    return "an earlier run";
  } catch {
    return undefined; // missing, or a link to what is gone
  }
}

/** What a run measured after each epoch. */
export type Epochs = HistoryFile["epochs"];

/** How a run's model came about: by training, or as the classifier of a linear probe. */
export interface Fitted {
  readonly history?: HistoryFile;
  readonly probe?: ProbeFile;
}

/**
 * What a run says of its model, which is that of its last stage that trains, else of its last linear
 * probe: the one that evaluate would take.
 * @param folder `outputs/NAME`.
 */
export async function readFitted(
  folder: string,
  stages: readonly Stage[],
  whose?: readonly Shown[],
): Promise<Fitted> {
  const history = await read(folder, stages, "train", "history.json", historyFile, whose);
  // A training that did not come through leaves no model, whatever else there is.
  if (history !== undefined || stages.some(({ kind }) => kind === "train")) return { history };
  return { probe: await read(folder, stages, "linear-probe", "probe.json", probeFile, whose) };
}

/**
 * How well the model that was published does on the images that it was fitted on, and on the
 * validation images (null where there are none). Of a training that is the last epoch's where no
 * other was kept; undefined where nothing was trained.
 */
export function publishedOf(
  { history, probe }: Fitted,
): Omit<Epochs[number], "epoch"> | undefined {
  return probe ?? (history && publishedEpoch(history));
}

/** Validation of the model that was published; undefined where there is none. */
export function validationOf(fitted: Fitted): Validation | undefined {
  const published = publishedOf(fitted);
  if (published === undefined) return undefined;
  const { validation_accuracy: accuracy, validation_loss: loss } = published;
  return accuracy === null || loss === null ? undefined : { accuracy, loss };
}

/**
 * Validation and test accuracy of the model that lies in a run's folder, be it an earlier run's that
 * the last one did not get to.
 */
export async function readAccuracies(
  folder: string,
  stages: readonly Stage[],
): Promise<{ validation?: number; test?: number }> {
  const fitted = await readFitted(folder, stages, EITHER);
  const metrics = await read(folder, stages, "evaluate", "metrics.json", metricsFile, EITHER);
  return { validation: validationOf(fitted)?.accuracy, test: metrics?.accuracy };
}

const EITHER: readonly Shown[] = ["this run", "an earlier run"];

/** What a run's model came to on the test images; undefined where it was not evaluated. */
export async function readMetrics(
  folder: string,
  stages: readonly Stage[],
): Promise<MetricsFile | undefined> {
  return await read(folder, stages, "evaluate", "metrics.json", metricsFile);
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
  whose: readonly Shown[] = ["this run"],
): Promise<T | undefined> {
  for (const stage of stages.toReversed()) {
    const shown = await shownBy(folder, stage);
    if (shown === undefined || !whose.includes(shown)) {
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

/** A loss as people read it: `1.3046`. */
export function formatLoss(loss: number | null | undefined): string {
  return loss?.toFixed(4) ?? "–";
}
