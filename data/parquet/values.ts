import type { DecodedArray, PageHeader, SchemaTree } from "hyparquet";
import { convert } from "hyparquet/src/convert.js";
import { decompressPage, type readDataPage } from "hyparquet/src/datapage.js";
import { deltaBinaryUnpack } from "hyparquet/src/delta.js";
import { readPlain } from "hyparquet/src/plain.js";
import { getMaxDefinitionLevel } from "hyparquet/src/schema.js";
import { Fault, readRuns } from "./runs.ts";

/** What hyparquet decodes a column's pages by. */
export type ColumnDecoder = Parameters<typeof readDataPage>[2];

/** A value of a column: bytes, text, number, bigint or boolean; null where the row has none. */
export type Value = unknown;

/** A dictionary page's values. */
export function readDictionary(
  header: PageHeader,
  body: Uint8Array,
  decoder: ColumnDecoder,
): DecodedArray {
  const { num_values, encoding } = header.dictionary_page_header!;
  if (encoding !== "PLAIN" && encoding !== "PLAIN_DICTIONARY") throw new Fault(notRead(encoding));
  const bytes = unpacked(body, header.uncompressed_page_size, decoder);
  const values = readPlain(readerOf(bytes), decoder.type, num_values, decoder.element.type_length);
  return convert(values, decoder);
}

/**
 * A data page's values, one a row, of a column without lists.
 * @param body What follows the header.
 * @throws {Fault} with what is wrong; any other error means damage too.
 */
export function readValues(
  header: PageHeader,
  body: Uint8Array,
  dictionary: DecodedArray | undefined,
  decoder: ColumnDecoder,
): Value[] {
  const deepest = getMaxDefinitionLevel(decoder.schemaPath);
  const bits = 32 - Math.clz32(deepest);
  const v2 = header.data_page_header_v2;
  let levels: Uint32Array | undefined;
  let bytes: Uint8Array;
  let encoding: string;
  let rows: number;
  if (v2) {
    rows = v2.num_values;
    encoding = v2.encoding;
    const start = v2.repetition_levels_byte_length;
    const end = start + v2.definition_levels_byte_length;
    if (!(start >= 0 && end >= start && end <= body.length)) throw new Fault("wrong lengths");
    if (deepest > 0) levels = readRuns(body.subarray(start, end), bits, rows);
    const rest = body.subarray(end);
    const size = header.uncompressed_page_size - end;
    bytes = v2.is_compressed === false || size === 0 ? rest : unpacked(rest, size, decoder);
  } else {
    const v1 = header.data_page_header!;
    rows = v1.num_values;
    encoding = v1.encoding;
    bytes = unpacked(body, header.uncompressed_page_size, decoder);
    if (deepest > 0) {
      if (v1.definition_level_encoding !== "RLE") {
        throw new Fault(notRead(v1.definition_level_encoding));
      }
      const length = readerOf(bytes).view.getUint32(0, true);
      if (4 + length > bytes.length) throw new Fault("wrong lengths");
      levels = readRuns(bytes.subarray(4, 4 + length), bits, rows);
      bytes = bytes.subarray(4 + length);
    }
  }
  const present = levels === undefined
    ? rows
    : levels.reduce((sum, level) => level === deepest ? sum + 1 : sum, 0);
  const values = decode(bytes, encoding, present, dictionary, decoder);
  if (values.length !== present) throw new Fault("it has fewer values than it says");
  if (levels === undefined) return Array.from<Value>(values);
  let next = 0;
  return Array.from(levels, (level): Value => level === deepest ? values[next++] : null);
}

function decode(
  bytes: Uint8Array,
  encoding: string,
  count: number,
  dictionary: DecodedArray | undefined,
  decoder: ColumnDecoder,
): ArrayLike<Value> {
  if (count === 0) return [];
  const { type, element } = decoder;
  switch (encoding) {
    case "PLAIN":
      return convert(readPlain(readerOf(bytes), type, count, element.type_length), decoder);
    case "PLAIN_DICTIONARY":
    case "RLE_DICTIONARY": {
      if (!dictionary) throw new Fault("its dictionary is missing");
      const of = dictionary.length;
      return Array.from(readRuns(bytes.subarray(1), bytes[0], count), (index) => {
        if (index >= of) throw new Fault(`value ${index} of a dictionary of ${of}`);
        return dictionary[index];
      });
    }
    case "RLE":
      if (type !== "BOOLEAN") break;
      return Array.from(readRuns(bytes.subarray(4), 1, count), (bit) => bit === 1);
    case "DELTA_BINARY_PACKED":
      if (type !== "INT32" && type !== "INT64") break;
      return convert(
        delta(readerOf(bytes), type === "INT32" ? new Int32Array(count) : new BigInt64Array(count)),
        decoder,
      );
    case "DELTA_LENGTH_BYTE_ARRAY":
    case "DELTA_BYTE_ARRAY":
      if (type !== "BYTE_ARRAY") break;
      return convert(texts(bytes, encoding === "DELTA_BYTE_ARRAY", count), decoder);
  }
  throw new Fault(notRead(encoding));
}

/** Byte arrays behind their lengths; each may begin as the one before it does. */
function texts(bytes: Uint8Array, shared: boolean, count: number): Uint8Array[] {
  const reader = readerOf(bytes);
  const prefixes = shared ? delta(reader, new Int32Array(count)) : undefined;
  const lengths = delta(reader, new Int32Array(count));
  let before: Uint8Array = new Uint8Array(0);
  return Array.from(lengths, (length, i) => {
    const prefix = prefixes?.[i] ?? 0;
    const end = reader.offset + length;
    if (!(length >= 0 && end <= bytes.length && prefix >= 0 && prefix <= before.length)) {
      throw new Fault("wrong lengths");
    }
    const own = bytes.subarray(reader.offset, end);
    reader.offset = end;
    if (prefix === 0) return before = own;
    const whole = new Uint8Array(prefix + length);
    whole.set(before.subarray(0, prefix));
    whole.set(own, prefix);
    return before = whole;
  });
}

/** Values of a block, as writers choose it: 128. More would be memory that no file needs. */
const LARGEST_BLOCK = 1 << 16;

function delta<T extends Int32Array | BigInt64Array>(reader: Reader, into: T): T {
  let at = reader.offset;
  const number = () => {
    let value = 0;
    for (let shift = 0, byte = 0x80; byte >= 0x80 && shift < 35; shift += 7) {
      byte = reader.view.getUint8(at++);
      value += (byte & 0x7f) * 2 ** shift;
    }
    return value;
  };
  const [block, parts] = [number(), number()];
  if (!(block >= 1 && block <= LARGEST_BLOCK && parts >= 1 && block % parts === 0)) {
    throw new Fault("wrong lengths");
  }
  deltaBinaryUnpack(reader, into.length, into);
  return into;
}

interface Reader {
  view: DataView;
  offset: number;
}

const readerOf = (bytes: Uint8Array): Reader => ({
  view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength),
  offset: 0,
});

const unpacked = (bytes: Uint8Array, size: number, { codec, compressors }: ColumnDecoder) =>
  decompressPage(bytes, size, codec, compressors);

const notRead = (encoding: string | undefined) =>
  encoding === undefined ? "its encoding is unknown" : `the encoding ${encoding} is not read`;

/** Whether a part of a column's path repeats: a list. */
export function isList(path: readonly SchemaTree[]): boolean {
  return path.some(({ element }) => element.repetition_type === "REPEATED");
}
