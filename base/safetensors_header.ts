import { UserError } from "./errors.ts";
import { isRecord, parseJson } from "./json.ts";
import { quoted } from "./printable.ts";

/** Bytes an element of each number type takes, by the word in a safetensors header. */
export const DTYPE_BYTES = {
  BOOL: 1,
  U8: 1,
  I8: 1,
  F8_E5M2: 1,
  F8_E4M3: 1,
  I16: 2,
  U16: 2,
  F16: 2,
  BF16: 2,
  I32: 4,
  U32: 4,
  F32: 4,
  I64: 8,
  U64: 8,
  F64: 8,
} as const;

/** Number type of a tensor in a safetensors file. */
export type Dtype = keyof typeof DTYPE_BYTES;

/** What a header says of one tensor. */
export interface TensorInfo {
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  /** Size of its data. */
  readonly bytes: number;
  /** First byte of its data, counted from the end of the header. */
  readonly begin: number;
}

/** A header, read and checked. */
export interface Header {
  /** In the order of the data. */
  readonly tensors: ReadonlyMap<string, TensorInfo>;
  readonly metadata: Readonly<Record<string, string>>;
}

/** No real header comes near this; a forged length must not make us allocate. */
export const MAX_HEADER_BYTES = 100_000_000;

/**
 * Reads the JSON of a safetensors header and checks it against the size of the data: number types,
 * shapes, offsets, no tensor twice, no overlap, no gap, nothing beyond the end.
 *
 * @param json The header's bytes.
 * @param dataBytes What is left of the file after the header.
 * @param path Names the file in errors.
 * @throws {UserError} that names the file and what is wrong.
 * @see https://github.com/huggingface/safetensors#format
 */
export function parseHeader(json: Uint8Array, dataBytes: number, path: string): Header {
  let text: string;
  let header: unknown;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(json);
    header = parseJson(text);
  } catch {
    throw broken(path, "its header is not JSON in UTF-8");
  }
  if (!isRecord(header) || text[0] !== "{") throw broken(path, "its header is not a JSON object");
  const twice = repeatedKey(text);
  if (twice !== undefined) throw broken(path, `its header has ${quoted(twice)} twice`);

  const found: [string, TensorInfo][] = [];
  let metadata: Record<string, string> = {};
  for (const [name, entry] of Object.entries(header)) {
    if (name === "__metadata__") metadata = parseMetadata(entry, path);
    else found.push([name, parseEntry(name, entry, path)]);
  }
  found.sort(([, a], [, b]) => a.begin - b.begin || a.bytes - b.bytes);
  let end = 0;
  for (const [name, { begin, bytes }] of found) {
    if (begin !== end) {
      const fault = begin < end ? "overlaps the tensor before it" : "leaves a gap before it";
      throw broken(path, `tensor ${quoted(name)} ${fault}`);
    }
    end = begin + bytes;
  }
  if (end !== dataBytes) {
    throw broken(path, `its tensors take ${end} bytes and the file has ${dataBytes} for them`);
  }
  return { tensors: new Map(found), metadata };
}

/** An error about the file as a whole. */
export function broken(path: string, what: string): UserError {
  return new UserError(`Cannot read ${path}: ${what}`, {
    hint: "The file is damaged or is no safetensors file; fetch or export it again",
  });
}

/** Elements of a shape, or undefined where it is no shape or counts past what a number holds. */
export function elementsOf(shape: unknown): number | undefined {
  if (!Array.isArray(shape) || shape.length > 32) return undefined;
  let count = 1;
  for (const side of shape) {
    if (!Number.isSafeInteger(side) || side < 0) return undefined;
    count *= side;
    if (!Number.isSafeInteger(count)) return undefined;
  }
  return count;
}

function parseEntry(name: string, entry: unknown, path: string): TensorInfo {
  const wrong = (what: string) => broken(path, `tensor ${quoted(name)} ${what}`);
  if (!isRecord(entry)) throw wrong("is not described by an object");
  const { dtype, shape, data_offsets: offsets } = entry;
  if (dtype === undefined) throw wrong("has no number type");
  if (typeof dtype !== "string" || !Object.hasOwn(DTYPE_BYTES, dtype)) {
    throw wrong(`has the number type ${quoted(dtype)}, which is not known`);
  }
  const elements = elementsOf(shape);
  if (elements === undefined) throw wrong("has no proper shape");
  if (
    !Array.isArray(offsets) || offsets.length !== 2 ||
    !offsets.every((at) => Number.isSafeInteger(at) && at >= 0)
  ) throw wrong("has no proper data_offsets");
  const bytes = elements * DTYPE_BYTES[dtype as Dtype];
  if (offsets[1] - offsets[0] !== bytes) {
    throw wrong(`has ${offsets[1] - offsets[0]} bytes where its shape takes ${bytes}`);
  }
  return { dtype: dtype as Dtype, shape: shape as number[], bytes, begin: offsets[0] };
}

function parseMetadata(entry: unknown, path: string): Record<string, string> {
  if (!isRecord(entry) || !Object.values(entry).every((value) => typeof value === "string")) {
    throw broken(path, "its __metadata__ is not a map of texts");
  }
  return entry as Record<string, string>;
}

/** `JSON.parse` keeps the last of equal keys without a word; this finds the first that repeats. */
function repeatedKey(text: string): string | undefined {
  const seen = new Set<string>();
  const colon = /\s*:/y;
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    const char = text[i];
    if (char === "{" || char === "[") depth++;
    else if (char === "}" || char === "]") depth--;
    else if (char === '"') {
      const start = i++;
      for (; text[i] !== '"'; i++) if (text[i] === "\\") i++;
      colon.lastIndex = i + 1;
      if (depth !== 1 || !colon.test(text)) continue;
      const key: string = JSON.parse(text.slice(start, i + 1));
      if (seen.has(key)) return key;
      seen.add(key);
    }
  }
  return undefined;
}
