import { join } from "node:path";
import { UserError } from "../../base/errors.ts";
import {
  type ArtifactRecord,
  artifactSchema,
  type RunRecord,
  runSchema,
} from "../../pipeline/schemas.ts";
import {
  type Epochs,
  publishedOf,
  readFitted,
  readJson,
  readMetrics,
  validationOf,
} from "../results.ts";

/** A run, as far as it can be compared with others. */
export interface ComparedRun {
  /** Folder in `outputs/`; `SWEEP/POINT` for the point of a sweep. */
  readonly name: string;
  readonly record: RunRecord;
  /** What was measured after each epoch; undefined where nothing was trained. */
  readonly epochs?: Epochs;
  /** Results by {@linkcode MEASURES}; those that the run does not have are missing. */
  readonly numbers: Readonly<Record<string, number>>;
  /** By stage: what `artifact.json` says of what the folder shows. */
  readonly artifacts: Readonly<Record<string, ArtifactRecord>>;
}

/** What is measured of a run: shares, losses in nats, and counts. */
export const MEASURES = [
  { name: "validation accuracy", unit: "share" },
  { name: "validation loss", unit: "nats" },
  { name: "test accuracy", unit: "share" },
  { name: "test loss", unit: "nats" },
  { name: "train accuracy", unit: "share" },
  { name: "train loss", unit: "nats" },
  { name: "epochs", unit: "count" },
] as const;

/**
 * Reads what a run left in its folder.
 * @param name Its folder in `outputs/`.
 * @throws {UserError} if it has no `run.json`: it never came to an end.
 */
export async function readCompared(outputs: string, name: string): Promise<ComparedRun> {
  const folder = join(outputs, name);
  const record = await readJson(join(folder, "run.json"), runSchema);
  if (record === undefined) {
    throw new UserError(`Cannot compare ${name}: there is no run.json in ${folder}`, {
      hint: "It was not run yet, or is at work for the first time: deno task status shows it.",
    });
  }
  const fitted = await readFitted(folder, record.stages);
  const epochs = fitted.history?.epochs;
  const metrics = await readMetrics(folder, record.stages);
  const validation = validationOf(fitted);
  const published = publishedOf(fitted);
  const numbers: Record<string, number | undefined> = {
    "validation accuracy": validation?.accuracy,
    "validation loss": validation?.loss,
    "test accuracy": metrics?.accuracy,
    "test loss": metrics?.loss,
    "train accuracy": published?.train_accuracy,
    "train loss": published?.train_loss,
    "epochs": epochs?.length,
  };
  const artifacts: Record<string, ArtifactRecord> = {};
  for (const stage of record.stages) {
    const artifact = await readJson(join(folder, stage.name, "artifact.json"), artifactSchema);
    if (artifact !== undefined && artifact.key === stage.key) artifacts[stage.name] = artifact;
  }
  return {
    name,
    record,
    epochs,
    numbers: Object.fromEntries(
      Object.entries(numbers).flatMap(([name, value]) =>
        value === undefined ? [] : [[name, value]]
      ),
    ),
    artifacts,
  };
}
