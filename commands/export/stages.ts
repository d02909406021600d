import { join } from "node:path";
import type { z } from "zod";
import { digestOf } from "../../base/digest.ts";
import { DiskError, messageOf, UserError } from "../../base/errors.ts";
import { ARTIFACT_FILE, parseArtifactRecord } from "../../pipeline/artifact.ts";
import {
  type ArtifactRecord,
  figuresSchema,
  type RunRecord,
  runSchema,
} from "../../pipeline/schemas.ts";
import { shownBy } from "../results.ts";

/** A folder of a run that shows an artifact. */
export interface ShownArtifact {
  /** Absolute path. */
  readonly folder: string;
  readonly record: ArtifactRecord;
}

/** A stage of a run that has published something. */
export interface RunStage extends ShownArtifact {
  readonly name: string;
  readonly kind: string;
  /** Every parameter, defaults filled in. */
  readonly parameters: Readonly<Record<string, unknown>>;
  /** Whether an earlier run made it, and the last one did not get to it (`--until`). */
  readonly earlier?: boolean;
}

/** A run with the stages that have published something, in order. */
export interface ExportedRun extends Omit<RunRecord, "stages"> {
  readonly folder: string;
  readonly stages: readonly RunStage[];
  /** Stages whose artifact is not there, as run.json has them. */
  readonly unfinished: readonly RunRecord["stages"][number][];
}

/** Reads a run's folder. @throws {UserError} if run.json has another form. */
export async function readRun(folder: string): Promise<ExportedRun> {
  const path = join(folder, "run.json");
  let run: RunRecord;
  try {
    run = runSchema.parse(JSON.parse(await Deno.readTextFile(path)));
  } catch (cause) {
    throw new UserError(`Cannot read ${path}: it is not what a run leaves behind`, {
      hint: "Run the config again",
      cause,
    });
  }
  const read = await Promise.all(run.stages.map(async (stage) => {
    const record = await recordIn(join(folder, stage.name));
    const shown = await shownBy(folder, stage);
    // What an earlier run left is not this run's, unless this one was not to get to it.
    const earlier = shown === "an earlier run";
    if (record === undefined || !earlier && record.key !== stage.key) return { unfinished: stage };
    const { name, kind } = stage;
    const now = run.parameters[name] ?? {};
    const parameters = earlier ? parametersOf(record, now) : now;
    return { stage: { name, kind, parameters, folder: join(folder, name), record, earlier } };
  }));
  const stages = read.flatMap(({ stage }): RunStage[] => stage === undefined ? [] : [stage]);
  const seeds = stages.flatMap(({ record: { record: { seed } } }) => seed ?? []);
  return {
    ...run,
    seed: typeof seeds.at(-1) === "number" ? seeds.at(-1) as number : run.seed,
    folder,
    stages,
    unfinished: read.flatMap(({ unfinished }) => unfinished ?? []),
  };
}

/**
 * The parameters that an artifact was made with. Its record has digests in place of paths: these are
 * taken from the config as it is now.
 */
function parametersOf(
  { record }: ArtifactRecord,
  now: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const filled = (made: unknown, now: unknown): unknown => {
    if (!isMap(made)) return made;
    if (Object.keys(made).join() === "files" && typeof now === "string") return now;
    const of = isMap(now) ? now : {};
    return Object.fromEntries(
      Object.entries(made).map(([name, value]) => [name, filled(value, of[name])]),
    );
  };
  return filled(record.parameters, now) as Record<string, unknown>;
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

async function recordIn(folder: string): Promise<ArtifactRecord | undefined> {
  try {
    const record = await parseArtifactRecord(
      await Deno.readTextFile(join(folder, ARTIFACT_FILE)),
    );
    return "wrong" in record ? undefined : record;
  } catch {
    return undefined; // missing, or a link to what is gone
  }
}

/** Content digests of what a stage has read, by role; roles that take many are not in it. */
export function inputsOf({ record }: ShownArtifact): Readonly<Record<string, string>> {
  const inputs = Object.entries(record.record.inputs ?? {});
  return Object.fromEntries(inputs.filter(([, content]) => typeof content === "string"));
}

/** Content digests of what a stage has read in a role that takes many, in their order. */
export function manyInputsOf({ record }: ShownArtifact, role: string): readonly string[] {
  const inputs: Readonly<Record<string, unknown>> = { ...record.record.inputs ?? {} };
  return [inputs[role] ?? []].flat().map(String);
}

/**
 * Reads a text of an artifact.
 * @returns undefined where it has no such file.
 * @throws {DiskError} if its bytes are not those that were published.
 */
export async function readText(
  { folder, record }: ShownArtifact,
  name: string,
): Promise<string | undefined> {
  if (!Object.hasOwn(record.files, name)) return undefined;
  const path = join(folder, name);
  let text: string;
  try {
    text = await Deno.readTextFile(path);
  } catch (cause) {
    throw damaged(path, messageOf(cause), cause);
  }
  if (await digestOf(text) !== record.files[name].sha256) {
    throw damaged(path, "its bytes are not those that were published");
  }
  return text;
}

/** Reads a JSON file of an artifact; undefined where it has none. @throws {UserError} */
export async function readFile<T>(
  shown: ShownArtifact,
  name: string,
  schema: z.ZodType<T>,
): Promise<T | undefined> {
  const text = await readText(shown, name);
  if (text === undefined) return undefined;
  const parsed = schema.safeParse(JSON.parse(text));
  if (parsed.success) return parsed.data;
  throw new UserError(`Cannot read ${join(shown.folder, name)}: it has another form`, {
    hint: "It was made by another version of its stage; run the config again",
  });
}

/** The error for a file that is not what was published. */
export function damaged(path: string, what: string, cause?: unknown): DiskError {
  return new DiskError(`Cannot export ${path}: ${what}`, {
    hint: "Run the config again: what is damaged is set aside and made anew",
    cause,
  });
}

/** Figures that show test images. */
const SHOWS_IMAGES = /^(attention-\d+|mistakes)$/;

/** A picture of a stage. */
export interface RunFigure {
  readonly name: string;
  /** What it shows, in words. */
  readonly description: string;
  /** The folder that has `NAME.png`. */
  readonly from: ShownArtifact;
  /** Whether it shows images of the data, which may not be free to publish. */
  readonly showsImages: boolean;
}

/** The pictures that were drawn of what a stage has published; none where they are of another. */
export async function figuresOf(stage: RunStage): Promise<RunFigure[]> {
  const folder = join(stage.folder, "figures");
  const record = await recordIn(folder);
  if (record === undefined || record.record.artifact !== stage.record.content) return [];
  const from = { folder, record };
  const listed = await readFile(from, "figures.json", figuresSchema) ?? [];
  return listed.map(({ name, description }) => ({
    name,
    description,
    from,
    showsImages: SHOWS_IMAGES.test(name),
  }));
}
