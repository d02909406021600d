import { UserError } from "../../base/errors.ts";
import { persist, Temporary } from "../../base/retry.ts";
import { ARTIFACT_FILE, parseArtifactRecord } from "../artifact.ts";
import { checkedName } from "../folder.ts";
import type { ArtifactRecord } from "../schemas.ts";
import type { Blobs } from "./blobs.ts";

/** Attempts for one name before giving up. */
export const ATTEMPTS = 4;
/** Bytes of the longest description that is read: some hundred thousand files. */
const LONGEST = 64 << 20;
/** Milliseconds within which a description must be here. */
const PATIENCE = 60_000;

/** What the shared store has under a name is not what must be there. */
export class Mismatch extends Error {
  override name = "Mismatch";
  /** `cas/…` or `ac/…`. */
  readonly at: string;

  constructor(at: string, why: string) {
    super(why);
    this.at = at;
  }
}

/** An artifact's description in the shared store. */
export interface Entry {
  readonly record: ArtifactRecord;
  /** As its maker wrote it, in their order. */
  readonly made: ArtifactRecord["made"];
}

/** Name of an artifact's description. */
export function entryName(key: string): string {
  return `ac/${key}`;
}

/** Name of the bytes with a digest. */
export function blobName(sha256: string): string {
  return `cas/${sha256}`;
}

/**
 * Reads what a key's artifact is; undefined where there is none.
 *
 * What is checked: that its key is that of its record and the one that was asked for, its content
 * that of its files, and that no file's name leads out of a folder. Whether the stage would have
 * written those files nobody can tell but by running it.
 *
 * @throws {Mismatch} where something of that is wrong.
 */
export async function readEntry(
  blobs: Blobs,
  kind: string,
  key: string,
  signal: AbortSignal,
): Promise<Entry | undefined> {
  const name = entryName(key);
  const text = await persist(() => readText(blobs, name, signal), { attempts: ATTEMPTS, signal });
  if (text === undefined) return undefined;
  const record = await parseArtifactRecord(text);
  if ("wrong" in record) throw new Mismatch(name, record.wrong);
  if (record.key !== key || record.kind !== kind || record.record.kind !== kind) {
    throw new Mismatch(name, "it is of another artifact");
  }
  const wrong = wrongName(Object.keys(record.files));
  if (wrong !== undefined) throw new Mismatch(name, `it names a file ${JSON.stringify(wrong)}`);
  return { record, made: JSON.parse(text).made };
}

/** The first name that no artifact can have. */
function wrongName(names: readonly string[]): string | undefined {
  const all = new Set(names);
  return names.find((name) => {
    try {
      const parts = checkedName(name).split("/");
      if (parts[0] === "figures" || parts[0] === ARTIFACT_FILE) return true;
      return parts.some((_, end) => end > 0 && all.has(parts.slice(0, end).join("/")));
    } catch {
      return true;
    }
  });
}

async function readText(
  blobs: Blobs,
  name: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), PATIENCE);
  try {
    const response = await blobs.get(name, 0, AbortSignal.any([signal, late.signal]));
    if (response?.body == null) return undefined;
    const decoder = new TextDecoder();
    let [text, bytes] = ["", 0];
    for await (const piece of response.body) {
      if ((bytes += piece.length) > LONGEST) throw new Mismatch(name, "it is too long");
      text += decoder.decode(piece, { stream: true });
    }
    const length = response.headers.get("content-length");
    if (length !== null && bytes < Number(length)) throw new Error("the connection was cut");
    return text + decoder.decode();
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof Mismatch || error instanceof UserError) throw error;
    if (error instanceof Temporary) throw error;
    const why = late.signal.aborted ? "no answer in time" : "the connection was cut";
    throw new Temporary(`Cannot read from ${blobs.address}: ${why}`, { cause: error });
  } finally {
    clearTimeout(timer);
  }
}
