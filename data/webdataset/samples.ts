import { messageOf } from "../../base/errors.ts";
import { quoted } from "../../base/printable.ts";
import { indexTar, readAt, type TarMember } from "./tar_index.ts";

/** How a sample's members are told apart, by what follows the first dot of their names. */
export interface SampleForm {
  /** Endings of the image, lower case; the first that a sample has counts. */
  readonly image: readonly string[];
  /** Ending of the label, lower case: `cls`, `txt`, `json`. */
  readonly label: string;
  /** Of JSON: the field with the label, `a.b` where nested. */
  readonly field?: string;
}

/** An image in a shard. */
export interface Sample {
  /** Name of the image's member. */
  readonly name: string;
  readonly offset: number;
  readonly size: number;
  readonly label: string;
}

/** A sample that is none, and why. */
export interface BadSample {
  readonly name: string;
  /** As the end of a sentence. */
  readonly reason: string;
}

/** Largest label that is read, bytes: a text or a JSON of one sample. */
const MAX_LABEL = 1 << 20;

/**
 * Finds the samples of a shard: members that stand next to each other and have the same name up to
 * the first dot after the last slash, as WebDataset has them. Only labels are read.
 *
 * @throws {RangeError} as the end of a sentence, as `indexTar`.
 */
export function* samplesOf(file: Deno.FsFile, form: SampleForm): Generator<Sample | BadSample> {
  let key: string | undefined;
  let members = new Map<string, TarMember>();
  let twice: string | undefined;
  const whole = () => sampleOf(file, form, key!, members, twice);
  for (const member of indexTar(file)) {
    const parts = /^((?:.*\/)?[^./][^./]*)\.([^/]*)$/s.exec(member.name);
    if (!parts) continue; // no key: a note, a hidden file
    const ending = parts[2].toLowerCase();
    if (parts[1] !== key) {
      if (key !== undefined) yield whole();
      key = parts[1];
      members = new Map();
      twice = undefined;
    }
    if (members.has(ending)) twice = ending;
    members.set(ending, member);
  }
  if (key !== undefined) yield whole();
}

function sampleOf(
  file: Deno.FsFile,
  { image, label, field }: SampleForm,
  key: string,
  members: ReadonlyMap<string, TarMember>,
  twice: string | undefined,
): Sample | BadSample {
  const bad = (reason: string, member?: TarMember): BadSample => ({
    name: member?.name ?? key,
    reason,
  });
  if (twice !== undefined) return bad(`it has two members .${twice}`);
  const picture = image.map((ending) => members.get(ending)).find((one) => one !== undefined);
  if (!picture) return bad(`it has no image (.${image.join(", .")})`);
  const labelled = members.get(label);
  if (!labelled) return bad(`it has no label (.${label})`, picture);
  if (labelled.size > MAX_LABEL) return bad(`it has ${labelled.size} bytes, no label`, labelled);
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true })
      .decode(readAt(file, labelled.offset, labelled.size)).trim();
    if (field !== undefined) text = fieldOf(text, field);
  } catch (error) {
    const why = error instanceof TypeError ? "it is no text" : messageOf(error);
    return bad(why, labelled);
  }
  if (text === "") return bad("it is empty: there is no label", labelled);
  return { name: picture.name, offset: picture.offset, size: picture.size, label: text };
}

function fieldOf(text: string, field: string): string {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new RangeError("it is no JSON");
  }
  for (const step of field.split(".")) {
    const there = typeof value === "object" && value !== null && Object.hasOwn(value, step);
    value = there ? (value as Record<string, unknown>)[step] : undefined;
  }
  if (typeof value === "string") return value.trim();
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  throw new RangeError(
    value === undefined || value === null
      ? `it has no field ${quoted(field)}`
      : `its field ${quoted(field)} is neither text nor a number`,
  );
}
