import { dirname, join } from "node:path";
import { UserError } from "../../base/errors.ts";
import { exists } from "../../base/exists.ts";
import type { HubModel } from "../../hub/mod.ts";
import { type RunRecord, runSchema } from "../../pipeline/schemas.ts";
import { MODEL, parametersFile } from "../../stages/load-pretrained/files.ts";
import { locateModel } from "../../stages/load-pretrained/locate.ts";
import { pointInstead, runName, unknownRun } from "../find_run.ts";
import { SWEEP_FILE } from "../folders.ts";
import { fromCommandLine, outputsFolder } from "../paths.ts";
import { IN_PLACE, readJson, shownBy } from "../results.ts";
import { listRuns } from "../run_list.ts";
import { sweepFile } from "../sweep_file.ts";

/** A checkpoint that was found. */
export interface FoundModel {
  /** Absolute path of the folder with config.json. */
  readonly folder: string;
  /** Set where it comes from the Hugging Face Hub; its weights may not be there yet. */
  readonly hub?: HubModel;
  /** Its head was drawn at random and never trained: what it predicts means nothing. */
  readonly untrained?: boolean;
  /** The stage that made it in an earlier run: the last one did not get to it. */
  readonly earlier?: string;
}

const CONFIG = "config.json";
const RUN = "run.json";

/** Stages whose models stand in only where nothing was trained. */
const UNTRAINED = ["load-pretrained", "new-model"];

/**
 * Finds the model that a word stands for: a folder with a checkpoint, a run's or a stage's folder,
 * the name of a run in `outputs/`, or a model of the Hugging Face Hub.
 *
 * @throws {UserError} if there is none, or the run has trained none.
 */
export async function findModel(word: string): Promise<FoundModel> {
  const outputs = outputsFolder();
  const name = runName(word);
  // A folder that has nothing to do with models may bear the name of a run.
  for (const folder of [fromCommandLine(word), join(outputs, name)]) {
    const found = await modelIn(folder, word);
    if (found === undefined) continue;
    return { ...found, untrained: await isUntrained(found.folder) };
  }
  const typed = fromCommandLine(word);
  if (exists(typed)) {
    throw new UserError(`Cannot find a model in ${typed}: it has neither ${CONFIG} nor ${RUN}`, {
      hint: "Name a run, its folder in outputs/, or the folder of a Hugging Face checkpoint",
    });
  }
  if (!word.includes("/") || name !== word) throw await noModel(name, outputs);
  const located = await locateModel(word, { resolve: fromCommandLine });
  if (located.hub === undefined) throw await noModel(name, outputs);
  return located;
}

/** The checkpoint that lies in a folder, or that a run in it has made. */
async function modelIn(folder: string, word: string): Promise<FoundModel | undefined> {
  if (exists(join(folder, CONFIG))) return { folder };
  const sweep = await readJson(join(folder, SWEEP_FILE), sweepFile);
  if (sweep !== undefined) {
    throw new UserError(`Cannot predict with "${word}": it is a sweep, and has a model a point`, {
      hint: `Name one of them: ${pointInstead(word, sweep)}`,
    });
  }
  const run = await readJson(join(folder, RUN), runSchema);
  if (run !== undefined) return await modelOfRun(folder, run);
  const inside = join(folder, MODEL); // the folder of a stage
  return exists(join(inside, CONFIG)) ? { folder: inside } : undefined;
}

/** Kinds that make a model of the pretrained one; of a run that has both, evaluate takes the first. */
const FIT: readonly string[] = ["train", "linear-probe"];

/** What the last stage that trains or fits has made, else what load-pretrained or new-model has. */
async function modelOfRun(folder: string, { name, stages }: RunRecord): Promise<FoundModel> {
  const all = await Promise.all(
    stages.toReversed().map(async (stage) => {
      const path = join(folder, stage.name, MODEL);
      const shown = exists(join(path, CONFIG)) ? await shownBy(folder, stage) : undefined;
      return { ...stage, path, shown };
    }),
  );
  const models = all.filter(({ shown, kind }) => shown !== undefined || FIT.includes(kind));
  // A stage of the user's own may publish a model too; a probe beside a training is not the result.
  const made = models.filter(({ kind }) => !UNTRAINED.includes(kind));
  const model = made.find(({ kind }) => kind !== "linear-probe") ?? made[0] ?? models[0];
  if (model?.shown !== undefined) {
    return {
      folder: model.path,
      ...(model.shown === "an earlier run" ? { earlier: model.name } : {}),
    };
  }
  throw new UserError(
    model === undefined
      ? `Cannot predict with the run "${name}": none of its stages has a model`
      : IN_PLACE.includes(model.status)
      ? `Cannot predict with the run "${name}": ${model.path} is gone`
      : `Cannot predict with the run "${name}": its stage "${model.name}" is ${model.status}`,
    { hint: "Run its config to the end, or name the folder of another model" },
  );
}

/** Whether load-pretrained or new-model has published the model, with a new head. */
async function isUntrained(folder: string): Promise<boolean> {
  const parameters = await readJson(join(dirname(folder), "parameters.json"), parametersFile);
  return parameters?.head.source === "new";
}

async function noModel(name: string, outputs: string): Promise<UserError> {
  const hint = "A run's name, a checkpoint's folder or owner/name on the Hugging Face Hub comes " +
    "first, then the images";
  return unknownRun(await listRuns(outputs), name, outputs, hint);
}
