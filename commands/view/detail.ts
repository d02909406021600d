import { join } from "node:path";
import { z } from "zod";
import { exists } from "../../base/exists.ts";
import {
  type ArtifactRecord,
  artifactSchema,
  figuresSchema,
  type RunRecord,
  runSchema,
} from "../../pipeline/schemas.ts";
import { ATTENTION } from "../../stages/visualize/files.ts";
import { flatten } from "../report/appendix.ts";
import { publishedOf, readFitted, readJson, shownBy } from "../results.ts";
import { readRun } from "../run_list.ts";
import { shownType } from "./files.ts";
import { LogFile } from "./log_file.ts";
import type { RunMessage, StageMessage } from "./messages.ts";
import { fold, type LoggedRun } from "./page/fold.ts";

type RecordedStage = RunRecord["stages"][number];

/**
 * What lies in a run's folder; undefined where there is no such run. Stages are those of the run that
 * is at work, where one is: of what it has not reached yet, what an earlier run left is not shown.
 */
export async function readDetail(outputs: string, name: string): Promise<RunMessage | undefined> {
  const status = await readRun(outputs, name);
  if (status === undefined) return undefined;
  const folder = join(outputs, name);
  const record = await readJson(join(folder, "run.json"), runSchema);
  const logged = readLog(folder);
  // While a run is at work, or where it was cut short, run.json may be of the run before.
  const own = record !== undefined && (logged === undefined || logged.end !== null);
  const recorded = own ? record.stages : stagesOf(logged);
  const parameters = parametersOf(logged) ?? (own ? record.parameters : {});
  const found = await Promise.all(recorded.map((stage) => readStage(folder, stage)));
  const fitted = await readFitted(folder, recorded);
  const { history } = fitted;
  return {
    name,
    state: status.state,
    config: (own ? record.config : logged?.config) ?? null,
    seed: logged?.seed ?? record?.seed ?? null,
    engine: own ? record.engine : null,
    started: status.started,
    seconds: status.seconds,
    stages: found.map((stage, i) => ({
      ...stage.message,
      needs: logged?.graph?.find(({ name }) => name === recorded[i].name)?.needs ??
        needsOf(stage.artifact, found),
      parameters: flatten(parameters[recorded[i].name] ?? {}),
    })),
    epochs: history?.epochs ?? logged?.stages.findLast(({ epochs }) => epochs.length > 0)?.epochs ??
      [],
    published: history?.published_epoch ?? null,
    fitted: publishedOf(fitted) ?? null,
    test: status.test_accuracy,
    report: exists(join(folder, "report.html")),
  };
}

/** The log as it stands. */
function readLog(folder: string): LoggedRun | undefined {
  using file = new LogFile(join(folder, "events.jsonl"));
  return fold(undefined, file.read()?.events ?? []);
}

/** The stages of a run that is at work, as far as it has come. */
function stagesOf(logged: LoggedRun | undefined): RecordedStage[] {
  return (logged?.stages ?? []).map(({ name, kind, status, reason, key, seconds }) => ({
    name,
    kind: kind ?? name,
    key,
    status: status === "not begun" || status === "waiting" || status === "at work"
      ? "would run"
      : status,
    reason,
    seconds: seconds ?? 0,
  }));
}

function parametersOf(logged: LoggedRun | undefined): RunRecord["parameters"] | undefined {
  const planned = logged?.graph ?? undefined;
  return planned &&
    Object.fromEntries(planned.map(({ name, parameters }) => [name, { ...parameters }]));
}

/** A stage's folder, read. */
interface FoundStage {
  readonly artifact: ArtifactRecord | undefined;
  readonly message: Omit<StageMessage, "needs" | "parameters">;
}

async function readStage(folder: string, stage: RecordedStage): Promise<FoundStage> {
  const { name, kind } = stage;
  const place = join(folder, name);
  const shown = await shownBy(folder, stage) !== undefined;
  const artifact = shown ? await readJson(join(place, "artifact.json"), artifactSchema) : undefined;
  const files = artifact === undefined ? [] : Object.keys(artifact.files).toSorted();
  const figures = artifact && await readJson(join(place, "figures", "figures.json"), figuresSchema);
  return {
    artifact,
    message: {
      name,
      kind,
      figures: figures ?? [],
      files: files.filter((file) => shownType(file) !== undefined),
      attention: files.includes(ATTENTION) && files.includes("attention.json"),
    },
  };
}

/** What a stage was made of, as the key of its artifact tells it: inputs by their content. */
function needsOf(
  artifact: ArtifactRecord | undefined,
  all: readonly FoundStage[],
): Record<string, string[]> {
  const digests = z.union([z.string(), z.array(z.string())]);
  const inputs = z.record(z.string(), digests).safeParse(artifact?.record.inputs).data ?? {};
  return Object.fromEntries(
    Object.entries(inputs).map(([role, contents]) => [
      role,
      [contents].flat().flatMap((content) =>
        all.find((other) => other.artifact?.content === content)?.message.name ?? []
      ),
    ]),
  );
}
