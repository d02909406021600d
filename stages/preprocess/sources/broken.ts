import { UserError } from "../../../base/errors.ts";
import { decodeAhead } from "../../../data/decode_ahead.ts";
import { BrokenImage } from "../../../data/imagefolder.ts";
import { sorted } from "../../../data/imagefolder_list.ts";
import type { Report } from "../../stage.ts";
import type { ImageListing, ListedImages, ListedSplits, SkippedImage } from "./source.ts";

/** Images that are named in one message. */
const MOST_NAMED = 4;

/**
 * Reads every image once and leaves out those that are broken, so that all that follows is as if
 * they were not in the data set.
 *
 * @throws {UserError} if a class has no image left in a split.
 */
export async function leaveOutBroken(
  listing: ImageListing,
  report: Report,
  signal: AbortSignal,
): Promise<{ splits: ListedSplits; skipped: SkippedImage[] }> {
  const { splits } = listing;
  const parts = Object.values(splits).filter((part) => part !== undefined) as ListedImages[];
  const total = parts.reduce((sum, { labels }) => sum + labels.length, 0);
  const reasons = new Map(parts.map((part) => [part, new Map<number, string>()]));
  let done = 0;
  for (const part of parts) {
    let row = 0;
    for await (const image of decodeAhead(inputsOf(part))) {
      signal.throwIfAborted();
      if (image instanceof BrokenImage) reasons.get(part)!.set(row, image.reason);
      row++;
      report.progress(++done, total, "images", "checking");
    }
  }
  const skipped = parts.flatMap((part) =>
    [...reasons.get(part)!].map(([row, reason]) => ({ path: part.placeOf(row), reason }))
  );
  if (skipped.length === 0) return { splits, skipped };
  if (listing.byPlace) sortByPlace(skipped);
  const good = (name: keyof ListedSplits) => {
    const part = splits[name];
    return part && without(listing, part, name, reasons.get(part)!);
  };
  const kept = { train: good("train")!, validation: good("validation"), test: good("test") };
  report.warn(
    `left out ${skipped.length} of ${
      total === 1 ? "1 image" : `${total} images`
    }, which can't be read: ${listed(skipped.map(sentence))}; dataset.json lists them`,
  );
  return { splits: kept, skipped };
}

/** The images of a split, the broken ones left out. */
function without(
  { classes, shown, container }: ImageListing,
  images: ListedImages,
  split: string,
  reasons: ReadonlyMap<number, string>,
): ListedImages {
  const rows = Array.from(images.labels, (_, row) => row).filter((row) => !reasons.has(row));
  const labels = Int32Array.from(rows, (row) => images.labels[row]);
  const left = new Set(labels);
  const first = images.labels.findIndex((label) => !left.has(label));
  if (first >= 0) {
    const reason = reasons.get(first)!;
    throw new UserError(
      `Cannot use ${shown}: no ${split} image of class ${
        JSON.stringify(classes[images.labels[first]])
      } can be read; the first: ${sentence({ path: images.placeOf(first), reason })}`,
      { hint: `Put at least one good image there, or take the class out of ${container}` },
    );
  }
  return {
    labels,
    input: (row) => images.input(rows[row]),
    placeOf: (row) => images.placeOf(rows[row]),
  };
}

/** The error that names the broken images of a piece. */
export function brokenError(broken: readonly BrokenImage[], container: string): UserError {
  const hint =
    `Replace what is broken, take it out of ${container}, or write on_bad_image: skip in ` +
    "preprocess, which leaves out and lists all such images";
  const [first] = broken;
  if (broken.length === 1) return new UserError(first.message, { hint, cause: first });
  const each = broken.map(({ shown, reason }) => sentence({ path: shown, reason }));
  return new UserError(`Cannot read ${broken.length} images: ${listed(each)}`, {
    hint,
    cause: first,
  });
}

function* inputsOf(images: ListedImages) {
  for (let row = 0; row < images.labels.length; row++) yield images.input(row);
}

function sortByPlace(skipped: SkippedImage[]): void {
  const reasons = new Map(skipped.map(({ path, reason }) => [path, reason]));
  const paths = sorted(skipped.map(({ path }) => path));
  skipped.splice(0, skipped.length, ...paths.map((path) => ({ path, reason: reasons.get(path)! })));
}

const sentence = ({ path, reason }: SkippedImage) => `${path} (${reason})`;

function listed(items: readonly string[]): string {
  const more = items.length - MOST_NAMED;
  return items.slice(0, MOST_NAMED).join(", ") + (more > 0 ? ` and ${more} more` : "");
}
