import { join } from "node:path";
import { UserError } from "../../base/errors.ts";
import { BrokenImage, type FolderImages, type ImageFolder } from "../../data/imagefolder.ts";
import { decodeAhead, type ImageFile } from "../../data/decode_ahead.ts";
import type { Report } from "../stage.ts";

/** Images that are named in one message. */
const MOST_NAMED = 4;

/** An image that was left out. */
export interface SkippedImage {
  /** Relative to the folder, with `/`. */
  readonly path: string;
  readonly reason: string;
}

/** Where an image folder is, and what the config calls it. */
export interface FolderPlace {
  readonly root: string;
  readonly shown: string;
}

/** A file of the folder, with its path as the user would write it. */
export function imageFile({ root, shown }: FolderPlace, file: string): ImageFile {
  return { path: join(root, file), shown: `${shown.replace(/\/+$/, "")}/${file}` };
}

/** The splits of a folder. */
export type Splits = ImageFolder["splits"];

/**
 * Reads every image once and leaves out those that are broken, so that all that follows is as if
 * they were not in the folder.
 *
 * @throws {UserError} if a class has no image left.
 */
export async function leaveOutBroken(
  place: FolderPlace,
  { classes, files, splits }: ImageFolder,
  report: Report,
  signal: AbortSignal,
): Promise<{ splits: Splits; skipped: SkippedImage[] }> {
  const skipped: SkippedImage[] = [];
  let done = 0;
  for await (const image of decodeAhead(files.map((file) => imageFile(place, file)))) {
    signal.throwIfAborted();
    if (image instanceof BrokenImage) skipped.push({ path: files[done], reason: image.reason });
    report.progress(++done, files.length, "images", "checking");
  }
  if (skipped.length === 0) return { splits, skipped };
  const broken = new Set(skipped.map(({ path }) => path));
  const good = (images: FolderImages, name: string): FolderImages => {
    const kept = images.files.map((file) => !broken.has(file));
    const labels = images.labels.filter((_, i) => kept[i]);
    const empty = classes.findIndex((_, label) => !labels.includes(label));
    if (empty >= 0) {
      throw new UserError(
        `Cannot use ${place.shown}: no ${name} image of class ${
          JSON.stringify(classes[empty])
        } can be read; the first: ${sentence(skippedOf(images, empty, skipped))}`,
        { hint: "Put at least one good image there, or take the class out of the folder" },
      );
    }
    return { files: images.files.filter((_, i) => kept[i]), labels };
  };
  report.warn(
    `left out ${skipped.length} of ${
      files.length === 1 ? "1 image" : `${files.length} images`
    }, which can't be read: ${listed(skipped.map(sentence))}; dataset.json lists them`,
  );
  return {
    splits: {
      train: good(splits.train, "train"),
      ...(splits.validation && { validation: good(splits.validation, "validation") }),
      ...(splits.test && { test: good(splits.test, "test") }),
    },
    skipped,
  };
}

/** The error that names the broken images of a piece. */
export function brokenError(broken: readonly BrokenImage[]): UserError {
  const hint =
    "Replace what is broken, take it out of the folder, or write on_bad_image: skip in " +
    "preprocess, which leaves out and lists all such images";
  const [first] = broken;
  if (broken.length === 1) return new UserError(first.message, { hint, cause: first });
  const each = broken.map(({ shown, reason }) => sentence({ path: shown, reason }));
  return new UserError(`Cannot read ${broken.length} images: ${listed(each)}`, {
    hint,
    cause: first,
  });
}

function skippedOf({ files, labels }: FolderImages, label: number, skipped: SkippedImage[]) {
  const first = files[labels.indexOf(label)];
  return skipped.find(({ path }) => path === first)!;
}

const sentence = ({ path, reason }: SkippedImage) => `${path} (${reason})`;

function listed(items: readonly string[]): string {
  const more = items.length - MOST_NAMED;
  return items.slice(0, MOST_NAMED).join(", ") + (more > 0 ? ` and ${more} more` : "");
}
