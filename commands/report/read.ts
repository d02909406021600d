import { join } from "node:path";
import type { z } from "zod";
import {
  type ArtifactRecord,
  artifactSchema,
  figuresSchema,
  type RunRecord,
  runSchema,
} from "../../pipeline/schemas.ts";
import { UserError } from "../../base/errors.ts";
import { exists } from "../../base/exists.ts";
import { StoredArtifact } from "../../pipeline/artifact.ts";
import { STAGES } from "../../stages/mod.ts";
import type { Finding, StageDefinition } from "../../stages/stage.ts";
import { readJson } from "../results.ts";
import type { ReportFigure } from "./document.ts";

/** Finds the definition of a stage of the run, by its name and its kind. */
export type FindDefinition = (
  name: string,
  kind: string,
) => Pick<StageDefinition, "findings"> | undefined;

/** A stage of a run, with what there is of its files. */
export interface StageView {
  readonly name: string;
  readonly kind: string;
  readonly key: string | null;
  readonly status: string;
  readonly reason: string;
  readonly seconds: number;
  readonly error?: string;
  /** Parameters with every default filled in. */
  readonly parameters: Readonly<Record<string, unknown>>;
  /** Its `artifact.json`; undefined where the stage has published nothing. */
  readonly artifact?: ArtifactRecord;
  readonly figures: readonly ReportFigure[];
  /** Markdown files by name. */
  readonly markdown: Readonly<Record<string, string>>;
  /** What its data show, as the stage itself says. */
  readonly findings: readonly Finding[];
  /** Reads a JSON file of the stage; undefined where there is none, or it has another form. */
  json<T>(name: string, schema: z.ZodType<T>): T | undefined;
}

/** A run's folder, read. */
export interface RunView extends Omit<RunRecord, "stages"> {
  readonly stages: readonly StageView[];
}

/**
 * Reads what a run left in its folder.
 * @param find Of a stage of the user's own only the run's plan knows the definition.
 * @throws {UserError} if there is no `run.json`, or it has another form.
 */
export async function readRun(
  folder: string,
  find: FindDefinition = (_name, kind) => STAGES.find((stage) => stage.kind === kind),
): Promise<RunView> {
  const path = join(folder, "run.json");
  const run = await readJson(path, runSchema);
  if (run === undefined) {
    throw new UserError(
      `Cannot report on ${folder}: ${
        exists(path) ? "run.json has another form" : "there is no run.json"
      }`,
      { hint: "Run the config first: deno task run CONFIG." },
    );
  }
  const stages = await Promise.all(
    run.stages.map((stage) => readStage(folder, run, stage, find)),
  );
  return { ...run, stages };
}

async function readStage(
  folder: string,
  run: RunRecord,
  stage: RunRecord["stages"][number],
  find: FindDefinition,
): Promise<StageView> {
  const place = join(folder, stage.name);
  const artifact = await readJson(join(place, "artifact.json"), artifactSchema);
  // What an earlier run left is not this run's: a stage that failed has nothing to show.
  const own = artifact !== undefined && artifact.key === stage.key ? artifact : undefined;
  const names = own === undefined ? [] : Object.keys(own.files).toSorted();
  const texts = new Map<string, string>();
  for (const name of names.filter((name) => /^[^/]+\.(?:json|md)$/.test(name))) {
    const text = await readText(join(place, name));
    if (text !== undefined) texts.set(name, text);
  }
  return {
    ...stage,
    parameters: run.parameters[stage.name] ?? {},
    artifact: own,
    figures: own === undefined ? [] : await readFigures(folder, stage.name),
    markdown: Object.fromEntries([...texts].filter(([name]) => name.endsWith(".md"))),
    findings: own === undefined ? [] : await findingsOf(place, own, find(stage.name, stage.kind)),
    json: (name, schema) => {
      const text = texts.get(name);
      return text === undefined ? undefined : parse(text, schema);
    },
  };
}

/** What a stage says of its data. A file of another form, of an earlier version say, has none. */
async function findingsOf(
  place: string,
  artifact: ArtifactRecord,
  definition: ReturnType<FindDefinition>,
): Promise<readonly Finding[]> {
  if (definition?.findings === undefined) return [];
  const { findings } = await definition.findings();
  try {
    return await findings(new StoredArtifact(place, artifact));
  } catch (error) {
    if (error instanceof UserError || error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}

async function readFigures(folder: string, stage: string): Promise<ReportFigure[]> {
  const entries = await readJson(join(folder, stage, "figures", "figures.json"), figuresSchema) ??
    [];
  const figures = await Promise.all(entries.map(async (entry) => {
    const svg = await readText(join(folder, stage, "figures", `${entry.name}.svg`));
    const png = `${stage}/figures/${entry.name}.png`;
    return svg === undefined ? [] : [{ ...entry, svg, png }];
  }));
  return figures.flat();
}

async function readText(path: string): Promise<string | undefined> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) {
      return undefined;
    }
    throw error;
  }
}

function parse<T>(text: string, schema: z.ZodType<T>): T | undefined {
  try {
    return schema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
