/** A value of Thrift's compact protocol, as far as parquet's headers need it. */
type Thrift =
  | { readonly i32: number }
  | { readonly i64: number }
  | { readonly text: string }
  | { readonly list: readonly Thrift[] }
  | { readonly fields: Readonly<Record<number, Thrift>> };

const i32 = (value: number): Thrift => ({ i32: value });
const i64 = (value: number): Thrift => ({ i64: value });
const text = (value: string): Thrift => ({ text: value });
const list = (...values: Thrift[]): Thrift => ({ list: values });
const struct = (fields: Readonly<Record<number, Thrift>>): Thrift => ({ fields });

const encode = (value: string) => new TextEncoder().encode(value);

/** Parquet's number for a column of byte arrays. */
const BYTE_ARRAY = i32(6);
const PLAIN = i32(0);
const RLE = i32(3);

/**
 * A parquet file of plain columns, uncompressed, a page of at most `pageRows` rows: what tests of
 * images and labels need. What other writers do is tested with their own files, in fixtures.
 *
 * @param columns By name, all of one length; bytes, or texts.
 */
export function parquetFile(
  columns: Readonly<Record<string, readonly (Uint8Array | string)[]>>,
  { groupRows = 20, pageRows = 7 } = {},
): Uint8Array {
  const parts: Uint8Array[] = [];
  let size = 0;
  const write = (bytes: Uint8Array) => {
    parts.push(bytes);
    size += bytes.length;
  };
  write(encode("PAR1"));
  const rows = Object.values(columns)[0].length;
  const groups: Thrift[] = [];
  for (let first = 0; first < rows; first += groupRows) {
    const end = Math.min(rows, first + groupRows);
    const start = size;
    const chunks = Object.entries(columns).map(([name, values]) => {
      const from = size;
      for (let at = first; at < end; at += pageRows) {
        const some = values.slice(at, Math.min(end, at + pageRows));
        const body = join(some.flatMap((value) => {
          const bytes = typeof value === "string" ? encode(value) : value;
          const length = new Uint8Array(4);
          new DataView(length.buffer).setUint32(0, bytes.length, true);
          return [length, bytes];
        }));
        const page = struct({ 1: i32(some.length), 2: PLAIN, 3: RLE, 4: RLE });
        write(bytesOf(struct({ 1: i32(0), 2: i32(body.length), 3: i32(body.length), 5: page })));
        write(body);
      }
      const meta = struct({
        1: BYTE_ARRAY,
        2: list(PLAIN),
        3: list(text(name)),
        4: i32(0),
        5: i64(end - first),
        6: i64(size - from),
        7: i64(size - from),
        9: i64(from),
      });
      return struct({ 2: i64(from), 3: meta });
    });
    groups.push(struct({ 1: list(...chunks), 2: i64(size - start), 3: i64(end - first) }));
  }
  const schema = Object.entries(columns).map(([name, [value]]) => {
    const required = { 1: BYTE_ARRAY, 3: i32(0), 4: text(name) };
    return struct(typeof value === "string" ? { ...required, 6: i32(0) } : required); // 6: UTF8
  });
  const root = struct({ 4: text("schema"), 5: i32(schema.length) });
  const before = size;
  write(bytesOf(struct({
    1: i32(1),
    2: list(root, ...schema),
    3: i64(rows),
    4: list(...groups),
  })));
  const length = new Uint8Array(4);
  new DataView(length.buffer).setUint32(0, size - before, true);
  write(length);
  write(encode("PAR1"));
  return join(parts);
}

function bytesOf(value: Thrift): Uint8Array {
  if ("i32" in value) return varint(zigzag(value.i32));
  if ("i64" in value) return varint(zigzag(value.i64));
  if ("text" in value) {
    const bytes = encode(value.text);
    return join([varint(bytes.length), bytes]);
  }
  if ("list" in value) {
    const head = Uint8Array.of(0xf0 | (value.list.length > 0 ? typeOf(value.list[0]) : 5));
    return join([head, varint(value.list.length), ...value.list.map(bytesOf)]);
  }
  let last = 0;
  const fields = Object.entries(value.fields).flatMap(([id, field]) => {
    const head = Uint8Array.of((Number(id) - last) << 4 | typeOf(field));
    last = Number(id);
    return [head, bytesOf(field)];
  });
  return join([...fields, Uint8Array.of(0)]);
}

function typeOf(value: Thrift): number {
  return "i32" in value ? 5 : "i64" in value ? 6 : "text" in value ? 8 : "list" in value ? 9 : 12;
}

const zigzag = (value: number) => value < 0 ? -2 * value - 1 : 2 * value;

function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  for (; value >= 0x80; value = Math.floor(value / 0x80)) bytes.push(value % 0x80 | 0x80);
  return Uint8Array.from([...bytes, value]);
}

function join(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
