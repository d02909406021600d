import { UserError } from "../../base/errors.ts";
import { printable } from "../../base/printable.ts";
import { sayClipped } from "../../data/colour.ts";
import { CONVERT, listLeftOut, sayLeftOut } from "../../data/left_out.ts";
import type { EngineName } from "../../engine/mod.ts";
import { openEngine } from "../../engine/open.ts";
import { endInTime } from "../../engine/watchdog.ts";
import { fetchModel, type HubModel } from "../../hub/mod.ts";
import { gridOf } from "../../vit/config.ts";
import type { CommandLine } from "../cli.ts";
import { Paint } from "../display/format.ts";
import { printError } from "../print_error.ts";
import { sayAssumed } from "./assumed.ts";
import { type Checkpoint, Classifier, readCheckpoint } from "./classifier.ts";
import { Console, ReaderGone } from "./console.ts";
import { findImages, type FoundImage, type Survey, surveyImages } from "./find_images.ts";
import { findModel } from "./find_model.ts";
import { best, CSV, type Format, JSON_LINES, readable } from "./format.ts";
import { openPictures, Pictures } from "./pictures.ts";
import { type PreparedImage, Preparer } from "./prepare.ts";

/** An operation of the engine that lasts longer than this after Ctrl-C is cut off, milliseconds. */
const PATIENCE = 1_000;

/** Classes of each image that are named. */
const TOP = 5;

const FAILED = 1;
const INTERRUPTED = 130;

/**
 * Names the classes of images.
 * @returns 0; 1 where an image could not be read, or the work could not go on.
 * @throws {UserError} if there is no such model or no image at all.
 */
export async function predict(line: CommandLine): Promise<number> {
  const console = new Console();
  const onSignal = () => {
    console.clear();
    Deno.exit(INTERRUPTED);
  };
  Deno.addSignalListener("SIGINT", onSignal);
  Deno.addSignalListener("SIGTERM", onSignal);
  try {
    const job = await prepare(line, console);
    return await work(job, line, console);
  } catch (error) {
    if (error instanceof ReaderGone) return 0;
    throw error;
  } finally {
    console.clear();
    Deno.removeSignalListener("SIGINT", onSignal);
    Deno.removeSignalListener("SIGTERM", onSignal);
  }
}

/** What is asked for, checked. */
interface Job {
  readonly words: readonly string[];
  readonly total: number;
  readonly checkpoint: Checkpoint;
  readonly hub?: HubModel;
  /** Folder for pictures. */
  readonly folder?: string;
}

async function prepare(line: CommandLine, console: Console): Promise<Job> {
  const [model, ...words] = line.positionals;
  const { folder: path, hub, untrained, earlier } = await findModel(model);
  const checkpoint = await readCheckpoint(path, hub === undefined);
  const attention = line.text("attention");
  const folder = attention === undefined ? undefined : openPictures(attention, words);
  const survey = await surveyImages(words, folder);
  if (survey.total === 0) throw noImages(words, survey);
  const unread = sayLeftOut(survey.leftOut);
  if (unread) console.line(`warning: ${unread}`);
  for (const word of survey.empty) console.line(`warning: there are no images in "${word}"`);
  const assumed = sayAssumed(checkpoint);
  if (assumed) console.line(assumed);
  if (earlier !== undefined) {
    console.line(`The model of "${earlier}" is of an earlier run: the last one did not get to it`);
  }
  if (untrained) {
    console.line(
      "warning: this model's head is new and has not been trained: its classes are chance",
    );
  }
  if (hub !== undefined) {
    await fetchModel(hub, {
      warn: (text) => console.line(`warning: ${text}`),
      onWait: (pid) => console.line(`Waiting for process ${pid ?? "?"}, which downloads the model`),
      onProgress: (done, all) => all > 0 && console.progress(done, all, "bytes", hub.id),
    });
  }
  return { words, total: survey.total, checkpoint, hub, folder };
}

function noImages(words: readonly string[], { leftOut }: Survey): UserError {
  const places = words.map((word) => `"${word}"`).join(", ");
  const unread = listLeftOut(leftOut);
  if (unread) {
    return new UserError(
      `Cannot find any images in ${places}: what is there is not read as images (${unread})`,
      { hint: CONVERT },
    );
  }
  return new UserError(`Cannot find any images in ${places}`, {
    hint: "In a folder, files count that end in png, jpg, jpeg, webp, bmp, gif, tif, tiff or avif",
  });
}

/** Runs the images through the model, a batch at a time, while the next one is read. */
async function work(job: Job, line: CommandLine, console: Console): Promise<number> {
  const { checkpoint, total, words, folder } = job;
  const engine = await openEngine({
    name: (line.text("engine") ?? "auto") as EngineName | "auto",
    threads: line.number("threads"),
    report: console,
  });
  if (engine.name === "tensorflow") endInTime(PATIENCE, "what was written is whole");
  using classifier = await Classifier.load(checkpoint, folder !== undefined);
  const { config } = classifier;
  const preparer = new Preparer(checkpoint.preprocessor, checkpoint.size);
  const pictures = folder === undefined ? undefined : new Pictures(folder, {
    size: checkpoint.size,
    grid: gridOf(config),
    warn: (text) => console.line(text),
  });
  const format = formatFor(line);
  const top = line.number("top") ?? TOP;
  let [done, bad] = [0, 0];
  const clipped: { count: number; first?: string } = { count: 0 };
  try {
    console.results(format.head);
    console.progress(0, total, "images");
    for await (const batch of batches(findImages(words, folder), preparer, classifier.batch)) {
      const sound = batch.filter(isSound);
      const classified = sound.length === 0 ? [] : await classifier.classify(
        preparer.normalise(sound.map(({ pixels }) => pixels)),
        sound.length,
      );
      let next = 0;
      for (const { image, pixels, problem, clipped: white } of batch) {
        if (white) {
          clipped.count++;
          clipped.first ??= image.path;
        }
        if (pixels === undefined) {
          bad++;
          const result = format.failure(image.path, problem!.reason);
          if (result === "") console.line(printable(problem!.sentence));
          else console.results(result);
        } else {
          const { probabilities, attention } = classified[next++];
          const predictions = best(probabilities, config.labels, top);
          console.results(format.image(image.path, predictions));
          if (pictures && attention) {
            await pictures.draw({ image, pixels, predicted: predictions[0], attention });
          }
        }
        console.progress(++done, Math.max(done, total), "images");
      }
      // The engine blocks; a macrotask lets Ctrl-C through.
      await new Promise((resolve) => setTimeout(resolve));
    }
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    console.clear();
    printError(error, line.flag("debug"));
    return FAILED;
  }
  if (clipped.first !== undefined) {
    console.line(printable(`warning: ${sayClipped(clipped.count, clipped.first)}`));
  }
  if (bad === 0) return 0;
  console.line(
    done === 1 ? "The image could not be read" : `${bad} of ${done} images could not be read`,
  );
  return FAILED;
}

function isSound(image: PreparedImage): image is PreparedImage & { pixels: Uint8Array } {
  return image.pixels !== undefined;
}

/** Images in batches; while one is worked on, the next is being read. */
async function* batches(
  images: Iterator<FoundImage>,
  preparer: Preparer,
  size: number,
): AsyncGenerator<PreparedImage[], void> {
  const read = () => {
    const some: FoundImage[] = [];
    for (let next; some.length < size && !(next = images.next()).done;) some.push(next.value);
    return some.length === 0 ? undefined : preparer.read(some);
  };
  for (let ready = read(); ready !== undefined;) {
    const batch = await ready;
    ready = read();
    yield batch;
  }
}

function formatFor(line: CommandLine): Format {
  if (line.flag("json")) return JSON_LINES;
  if (line.flag("csv")) return CSV;
  return readable(new Paint(Deno.stdout.isTerminal() && !Deno.noColor));
}
