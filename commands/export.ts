import { UserError } from "../base/errors.ts";
import { explainDiskError, realDisk } from "../pipeline/disk.ts";
import { MODEL } from "../stages/train/files.ts";
import type { Command, CommandLine } from "./cli.ts";
import { FIGURES, writeCard } from "./export/card.ts";
import { findRunFolder } from "./export/find.ts";
import { readRunModel, type RunModel } from "./export/model.ts";
import { readRun } from "./export/stages.ts";
import { checkTarget, type ExportedFile, writeFolder } from "./export/write.ts";
import { formatBytes } from "./gc/sizes.ts";
import { toWrite } from "./paths.ts";
import { formatShare } from "./results.ts";
import { counted } from "../stages/train/card/words.ts";

/** `deno task export`: a run's model as a folder that can be given away. */
export const command: Command = {
  name: "export",
  summary: "Copies a run's model, with its card and figures, to a folder that can be published",
  usage: "RUN DIR",
  arguments: { least: 2, most: 2 },
  options: [{
    name: "force",
    short: "f",
    description: "Replace DIR where an earlier export made it",
  }, {
    name: "no-images",
    description: "Leave out the figures that show test images",
  }],
  example: "deno task export quickstart cifar10-vit",
  run,
};

/** The card is written anew: the run knows more than the stage that published the model. */
const CARD = "README.md";

async function run(line: CommandLine): Promise<number> {
  const [word, target] = line.positionals;
  const run = await readRun(await findRunFolder(word));
  const found = await readRunModel(run);
  const model = line.flag("no-images")
    ? { ...found, figures: found.figures.filter(({ showsImages }) => !showsImages) }
    : found;
  const folder = toWrite(target);
  const stop = new AbortController();
  const onSignal = () => stop.abort();
  Deno.addSignalListener("SIGINT", onSignal);
  Deno.addSignalListener("SIGTERM", onSignal);
  try {
    checkTarget(realDisk, folder, line.flag("force"));
    if (model.stage.earlier) {
      console.error(
        `The model of "${model.stage.name}" is of an earlier run: the last one did not get to it`,
      );
    }
    const files: ExportedFile[] = [{ name: CARD, text: writeCard(model, run) }, ...copies(model)];
    const { name: stage, record: { content } } = model.stage;
    const about = { run: run.name, stage, content };
    const bytes = await writeFolder(realDisk, folder, files, about, stop.signal);
    console.log(summarize(model, folder, bytes));
    return 0;
  } catch (error) {
    if (stop.signal.aborted) return 130;
    // Deno keeps programs out of /dev, /proc and the like.
    if (error instanceof Deno.errors.NotCapable) {
      throw new UserError(`Cannot export to ${folder}: that is no place for files`, {
        cause: error,
      });
    }
    throw explainDiskError(error, `export to ${folder}`);
  } finally {
    Deno.removeSignalListener("SIGINT", onSignal);
    Deno.removeSignalListener("SIGTERM", onSignal);
  }
}

function copies({ stage, figures }: RunModel): ExportedFile[] {
  const inside = `${MODEL}/`;
  const names = Object.keys(stage.record.files)
    .filter((name) => name.startsWith(inside) && name !== inside + CARD);
  return [
    ...names.map((name) => ({ name: name.slice(inside.length), from: stage, file: name })),
    ...figures.map(({ name, from }) => {
      const file = `${name}.png`;
      return { name: `${FIGURES}/${file}`, from, file };
    }),
  ];
}

function summarize({ stage, metrics, figures }: RunModel, folder: string, bytes: number): string {
  const score = metrics === undefined
    ? "It was not measured on test images"
    : `Test accuracy ${formatShare(metrics.accuracy)} of ${counted(metrics.images, "image")}`;
  const drawn = counted(figures.length, "figure");
  const shown = figures.filter(({ showsImages }) => showsImages).length;
  const images = shown === 0
    ? ""
    : `; ${shown} of them ${shown === 1 ? "shows a test image" : "show test images"}`;
  return `Exported the model of "${stage.name}" to ${folder} (${
    formatBytes(bytes)
  }, ${drawn} in its card${images})\n` +
    (shown === 0
      ? ""
      : "--no-images leaves test images out, where they are not yours to publish\n") +
    `${score}; read README.md and state the licence before you publish it`;
}
