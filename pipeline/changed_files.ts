import type { Difference } from "./difference.ts";
import { type Listing, sayFiles } from "./listing.ts";
import type { PlannedStage } from "./types.ts";

/** What is said of files where it is not known which of them changed. */
const FILES = /^the files of (.*) changed$/;

/** Whether a sentence is of files outside that changed. */
export function isOfFiles(sentence: string): boolean {
  return FILES.test(sentence);
}

/**
 * Puts in place of "the files of … changed" how many were added, removed and changed, with names, as
 * far as what was kept of both digests tells it.
 *
 * @param listingOf Names and digests of the files that a digest in a record stands for.
 */
export function nameFiles(
  sentences: readonly string[],
  stage: PlannedStage,
  differences: readonly Difference[],
  listingOf: (digest: string) => Listing | undefined,
): string[] {
  return sentences.flatMap((sentence) => {
    const path = FILES.exec(sentence)?.[1];
    if (path === undefined) return [sentence];
    const names = path.slice(stage.name.length + 1).split(".");
    const difference = differences.find(({ path }) =>
      path.join("\0") === ["parameters", ...names, "files"].join("\0")
    );
    const before = listingOf(String(difference?.before));
    const after = listingOf(String(difference?.after));
    if (before === undefined || after === undefined) return [sentence];
    const value = names.reduce<unknown>(
      (tree, name) => (tree as Record<string, unknown> | undefined)?.[name],
      stage.params,
    );
    const said = sayFiles(before, after, typeof value === "string" ? value : path);
    return said.length > 0 ? said : [sentence];
  });
}
