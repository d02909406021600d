import { digestOf } from "../base/digest.ts";
import type { ByRole } from "./roles.ts";
import type { PlannedStage } from "./types.ts";
import type { Reach } from "./code.ts";

/** Number of the store's layout and of the records below; another one is another store. */
export const STORE_FORMAT = 1;

/** What an artifact's result depends on, readable; its SHA-256 is the artifact's key. */
export type KeyRecord = Readonly<Record<string, unknown>> & { readonly kind: string };

/**
 * JSON with the keys of every object in order and no spaces, so that equal values have equal bytes.
 *
 * @throws {TypeError} if a number is not finite: JSON would write `null` for it.
 */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) => {
    if (typeof part === "number" && !Number.isFinite(part)) {
      throw new TypeError(`Cannot write ${part} into a key: numbers must be finite`);
    }
    if (typeof part !== "object" || part === null || Array.isArray(part)) return part;
    return Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}

/** The key of a record: 64 hexadecimal digits. */
export function keyOf(record: KeyRecord): Promise<string> {
  return digestOf(canonicalJson(record));
}

/**
 * The record of a stage.
 *
 * @param inputs Role to the content digest of the artifact that is read there, to a list of them for
 * a role that takes many: their order counts.
 * @param outside Dotted path of a parameter to the digest of the files that it names.
 */
export function stageRecord(
  stage: PlannedStage,
  seed: number,
  inputs: ByRole<string>,
  outside: Readonly<Record<string, string>>,
  reach: Reach,
): KeyRecord {
  return {
    format: STORE_FORMAT, // what the store's files look like
    kind: stage.definition.kind, // two kinds never share an artifact
    parameters: withDigests(stage.params, outside), // what the user asked for; paths do not count
    ...(stage.usesSeed ? { seed } : {}), // other draws, other result
    inputs, // what it reads, by content: how that came about does not matter
    code: reach.code, // what it does
    packages: reach.packages, // and what that rests on
  };
}

/** The record of an artifact that several stages share (`context.cached`). */
export function sharedRecord(
  kind: string,
  record: Readonly<Record<string, unknown>>,
  reach: Reach,
): KeyRecord {
  return { format: STORE_FORMAT, kind, record, code: reach.code, packages: reach.packages };
}

/** The record of one part of an artifact, whose key stands for all that the part depends on. */
export function partRecord(kind: string, key: string, part: number): KeyRecord {
  return { format: STORE_FORMAT, kind: `${kind}-part`, of: key, part };
}

/**
 * The record of a stage's figures.
 *
 * @param content Content digest of the artifact that they are drawn from.
 * @param draw What the stage's drawing code reaches.
 * @param renderer What turns specs into pictures.
 */
export function figuresRecord(content: string, draw: Reach, renderer: Reach): KeyRecord {
  return {
    format: STORE_FORMAT,
    kind: "figures",
    artifact: content,
    code: { ...renderer.code, ...draw.code },
    packages: { ...renderer.packages, ...draw.packages },
  };
}

/** Stands in a record in place of the path of files outside the project. */
export interface FilesDigest {
  readonly files: string;
}

function withDigests(
  params: Readonly<Record<string, unknown>>,
  outside: Readonly<Record<string, string>>,
): Record<string, unknown> {
  const copy = structuredClone(params) as Record<string, unknown>;
  for (const [path, files] of Object.entries(outside)) {
    const names = path.split(".");
    const last = names.pop()!;
    let place = copy;
    for (const name of names) place = (place[name] ??= {}) as Record<string, unknown>;
    place[last] = { files } satisfies FilesDigest;
  }
  return copy;
}
