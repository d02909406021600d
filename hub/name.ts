import { UserError } from "../base/errors.ts";
import { quoted } from "../base/printable.ts";

/** A model on the Hugging Face Hub. */
export interface HubName {
  /** `owner/name`. */
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
  if (!revision.split("/").every((part) => REVISION_PART.test(part))) {
    throw new UserError(
      `Cannot use the revision ${quoted(revision)} of the model "${owner}/${name}": ` +
        "it must be a branch, a tag or a commit",
    );
  }
  return { id: `${owner}/${name}`, revision };
}
