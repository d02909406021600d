import { join } from "node:path";
import type { z } from "zod";
import { UserError } from "../base/errors.ts";
import { digestOf } from "../base/digest.ts";
import type { Artifact } from "../stages/stage.ts";
import { canonicalJson, keyOf } from "./key.ts";
import { type ArtifactRecord, artifactSchema } from "./schemas.ts";

/** The file that describes an artifact; the only one that is no part of its content. */
export const ARTIFACT_FILE = "artifact.json";

/** Digest over every file's name, size and digest: what later stages' keys count. */
export function contentOf(files: ArtifactRecord["files"]): Promise<string> {
  return digestOf(canonicalJson(files));
}

/**
 * Reads the text of an `artifact.json`.
 *
 * @returns The record, or in words what is wrong with it: not only its form is checked, but that its
 * key is that of its record and its content that of its files.
 */
export async function parseArtifactRecord(
  text: string,
): Promise<ArtifactRecord | { wrong: string }> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { wrong: `${ARTIFACT_FILE} is not JSON` };
  }
  const parsed = artifactSchema.safeParse(value);
  if (!parsed.success) return { wrong: `${ARTIFACT_FILE} has another form` };
  const record = parsed.data;
  const same = await keyOf(record.record) === record.key &&
    await contentOf(record.files) === record.content;
  return same ? record : { wrong: `${ARTIFACT_FILE} was changed` };
}

/** An artifact in the store. */
export class StoredArtifact implements Artifact {
  readonly path: string;
  readonly record: ArtifactRecord;
  readonly files: readonly string[];

  constructor(path: string, record: ArtifactRecord) {
    this.path = path;
    this.record = record;
    this.files = Object.keys(record.files).sort();
  }

  get kind(): string {
    return this.record.kind;
  }

  get key(): string {
    return this.record.key;
  }

  get content(): string {
    return this.record.content;
  }

  digest(name: string): string {
    return this.#entry(name).sha256;
  }

  file(name: string): string {
    this.#entry(name);
    return join(this.path, name);
  }

  async json<T>(name: string, schema: z.ZodType<T>): Promise<T> {
    const path = this.file(name);
    const parsed = schema.safeParse(JSON.parse(await Deno.readTextFile(path)));
    if (parsed.success) return parsed.data;
    const issue = parsed.error.issues[0];
    throw new UserError(
      `Cannot read ${path}: "${issue.path.join(".")}" is not as expected (${issue.message})`,
      { hint: "It was made by another version of this stage; run it again with --force." },
    );
  }

  #entry(name: string): { size: number; sha256: string } {
    if (!Object.hasOwn(this.record.files, name)) {
      throw new Error(
        `Cannot find "${name}" in the artifact of ${this.kind}: it has ${this.files.join(", ")}`,
      );
    }
    return this.record.files[name];
  }
}
