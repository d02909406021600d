import { UserError } from "../base/errors.ts";
import { quoted } from "../base/printable.ts";

/** A model or a data set on the Hugging Face Hub. */
export interface HubName {
  /** `owner/name`; of some data sets `name`. */
  readonly id: string;
  /** A branch, a tag, `refs/pr/1`, or a commit. */
  readonly revision: string;
}

/** What the Hub allows in the name of an owner or a repository. */
const WORD = /^(?![-.])(?!.*(--|\.\.))[\w.-]{1,96}(?<![-.])(?<!\.git)$/;

/** A part of a revision between slashes: never `.` or `..`, so that it can name a file. */
const REVISION_PART = /^(?!\.)[\w.+-]{1,128}(?<!\.lock)$/;

/**
 * Reads `owner/name` or `owner/name@revision`; the revision is by default `main`.
 *
 * @returns undefined where the text is no such name: it is a path then.
 * @throws {UserError} if the name is one and its revision cannot be.
 */
export function parseHubName(text: string): HubName | undefined {
  const [, owner, name, revision = "main"] = /^([^/@]+)\/([^/@]+)(?:@(.*))?$/s.exec(text) ?? [];
  if (owner === undefined || !WORD.test(owner) || !WORD.test(name)) return undefined;
  return { id: `${owner}/${name}`, revision: checked(revision, `the model "${owner}/${name}"`) };
}

/**
 * Reads the name of a data set, `owner/name`, or `name` alone, as the oldest are called.
 *
 * @throws {UserError} if it can be none.
 */
export function parseDatasetName(id: string, revision: string): HubName {
  const parts = id.split("/");
  if (parts.length > 2 || !parts.every((part) => WORD.test(part))) {
    throw new UserError(`Cannot use ${quoted(id)} as the name of a data set on the Hub`, {
      hint: "It is owner/name; a folder of parquet files is dataset: { parquet: FOLDER }",
    });
  }
  return { id, revision: checked(revision, `the data set "${id}"`) };
}

function checked(revision: string, of: string): string {
  if (revision.split("/").every((part) => REVISION_PART.test(part))) return revision;
  throw new UserError(
    `Cannot use the revision ${quoted(revision)} of ${of}: it must be a branch, a tag or a commit`,
  );
}
