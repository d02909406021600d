import { concat } from "../base/bytes.ts";
import { deflateSync } from "node:zlib";
import { ligaturesOf, ligatureTable } from "./ligatures.ts";

/**
 * Cuts a TrueType font down to the glyphs of some characters and packs it as WOFF (W3C WOFF 1.0;
 * OpenType 1.9 for the tables). Hinting, the kerning of pairs and the ligatures of f are kept, so that
 * text is as wide as with the whole font; other rules of its scripts are not. Characters that the font lacks are left out.
 *
 * @param font A TrueType file with a `cmap` of format 12, as DejaVu's are.
 * @throws {RangeError} if it has none.
 */
export function subsetToWoff(font: Uint8Array, characters: Iterable<string>): Uint8Array {
  const tables = readTables(font);
  const glyphOf = readCharacterMap(tables.get("cmap")!);
  const points = [...new Set(characters)].map((character) => character.codePointAt(0)!)
    .filter((point) => glyphOf(point) > 0).toSorted((a, b) => a - b);
  const outlines = readOutlines(tables);
  const ligatures = ligaturesOf(points).filter(([, point]) => glyphOf(point) > 0);
  // Ligatures are characters too: what hints a glyph asks which script it is of.
  const all = [...points, ...ligatures.map(([, point]) => point)].toSorted((a, b) => a - b);
  const old = withComponents([0, ...all.map(glyphOf)], outlines); // glyph 0 stands for "missing"
  const renumbered = new Map(old.map((glyph, i) => [glyph, i]));
  const glyphs = old.map((glyph) => renumber(outlines(glyph), renumbered));
  const offsets = glyphs.reduce((all, glyph) => [...all, all.at(-1)! + glyph.length], [0]);
  const metrics = tables.get("hhea")!.getUint16(34);
  const subset = new Map<string, DataView>([
    ...(ligatures.length === 0 ? [] : [
      [
        "GSUB",
        numbers(
          ligatureTable(ligatures, (point) => renumbered.get(glyphOf(point))!),
          2,
        ),
      ] as const,
    ]),
    ["OS/2", tables.get("OS/2")!],
    ["cmap", writeCharacterMap(all.map((point) => [point, renumbered.get(glyphOf(point))!]))],
    ...["cvt ", "fpgm", "prep"].flatMap((tag): [string, DataView][] => {
      const table = tables.get(tag);
      return table ? [[tag, table]] : [];
    }),
    ["glyf", viewOf(concat(glyphs))],
    ["head", edited(tables.get("head")!, (head) => head.setInt16(50, 1))], // long offsets
    ["hhea", edited(tables.get("hhea")!, (hhea) => hhea.setUint16(34, old.length))],
    ["hmtx", numbers(old.flatMap((glyph) => advanceOf(tables.get("hmtx")!, metrics, glyph)), 2)],
    ...[writeKerning(tables.get("kern"), renumbered)].flatMap((table): [string, DataView][] =>
      table ? [["kern", table]] : []
    ),
    ["loca", numbers(offsets, 4)],
    ["maxp", edited(tables.get("maxp")!, (maxp) => maxp.setUint16(4, old.length))],
    ["name", numbers([0, 0, 6], 2)], // no names: the page gives it one
    ["post", edited(sliced(tables.get("post")!, 0, 32), (post) => post.setUint32(0, 0x00030000))],
  ]);
  return writeWoff(subset);
}

function readTables(font: Uint8Array): Map<string, DataView> {
  const view = viewOf(font);
  const tables = new Map<string, DataView>();
  for (let i = 0; i < view.getUint16(4); i++) {
    const entry = 12 + 16 * i;
    const tag = String.fromCharCode(...font.subarray(entry, entry + 4));
    tables.set(tag, sliced(view, view.getUint32(entry + 8), view.getUint32(entry + 12)));
  }
  return tables;
}

/** Character to glyph, from a subtable of format 12: groups of [first, last, first glyph]. */
function readCharacterMap(cmap: DataView): (point: number) => number {
  for (let i = 0; i < cmap.getUint16(2); i++) {
    const at = cmap.getUint32(8 + 8 * i);
    if (cmap.getUint16(at) !== 12) continue;
    const groups = cmap.getUint32(at + 12);
    return (point) => {
      for (let group = at + 16; group < at + 16 + 12 * groups; group += 12) {
        const first = cmap.getUint32(group);
        if (point < first) return 0;
        if (point <= cmap.getUint32(group + 4)) return cmap.getUint32(group + 8) + point - first;
      }
      return 0;
    };
  }
  throw new RangeError("Cannot read the font's characters: it has no cmap of format 12");
}

function writeCharacterMap(glyphs: readonly (readonly [point: number, glyph: number])[]): DataView {
  const view = new DataView(new ArrayBuffer(28 + 12 * glyphs.length));
  view.setUint16(2, 1);
  view.setUint16(4, 3); // Windows, all of Unicode
  view.setUint16(6, 10);
  view.setUint32(8, 12);
  view.setUint16(12, 12);
  view.setUint32(16, view.byteLength - 12);
  view.setUint32(24, glyphs.length);
  glyphs.forEach(([point, glyph], i) => {
    [point, point, glyph].forEach((value, j) => view.setUint32(28 + 12 * i + 4 * j, value));
  });
  return view;
}

function readOutlines(tables: ReadonlyMap<string, DataView>): (glyph: number) => Uint8Array {
  const [loca, glyf] = [tables.get("loca")!, tables.get("glyf")!];
  const long = tables.get("head")!.getInt16(50) === 1;
  const offset = (i: number) => long ? loca.getUint32(4 * i) : 2 * loca.getUint16(2 * i);
  return (glyph) => {
    const [from, to] = [offset(glyph), offset(glyph + 1)];
    return new Uint8Array(glyf.buffer, glyf.byteOffset + from, to - from).slice();
  };
}

/** Places in an outline where a glyph that is made of others names one of them. */
function componentsOf(outline: Uint8Array): number[] {
  if (outline.length === 0 || viewOf(outline).getInt16(0) >= 0) return [];
  const view = viewOf(outline);
  const places: number[] = [];
  for (let at = 10, flags = 0x20; flags & 0x20;) { // MORE_COMPONENTS
    flags = view.getUint16(at);
    places.push(at + 2);
    // Two arguments in words or bytes; one, two or four numbers of a transformation.
    at += 4 + (flags & 0x1 ? 4 : 2) + (flags & 0x8 ? 2 : flags & 0x40 ? 4 : flags & 0x80 ? 8 : 0);
  }
  return places;
}

/** The glyphs and all that they are made of, ascending. */
function withComponents(glyphs: number[], outlines: (glyph: number) => Uint8Array): number[] {
  const all = new Set<number>();
  for (const queue = [...glyphs]; queue.length > 0;) {
    const glyph = queue.pop()!;
    if (all.has(glyph)) continue;
    all.add(glyph);
    const outline = outlines(glyph);
    queue.push(...componentsOf(outline).map((at) => viewOf(outline).getUint16(at)));
  }
  return [...all].toSorted((a, b) => a - b);
}

/** An outline whose parts have their new numbers, padded to four bytes. */
function renumber(outline: Uint8Array, numbers: ReadonlyMap<number, number>): Uint8Array {
  const padded = new Uint8Array(Math.ceil(outline.length / 4) * 4);
  padded.set(outline);
  const view = viewOf(padded);
  for (const at of componentsOf(outline)) view.setUint16(at, numbers.get(view.getUint16(at))!);
  return padded;
}

/** Advance width and left side bearing; glyphs past the last full entry share its width. */
function advanceOf(hmtx: DataView, full: number, glyph: number): [number, number] {
  if (glyph < full) return [hmtx.getUint16(4 * glyph), hmtx.getUint16(4 * glyph + 2)];
  return [hmtx.getUint16(4 * (full - 1)), hmtx.getUint16(4 * full + 2 * (glyph - full))];
}

/**
 * The pairs of these glyphs that stand closer or wider than their widths, from a table of version 0
 * with horizontal subtables of format 0.
 */
function writeKerning(
  kern: DataView | undefined,
  renumbered: ReadonlyMap<number, number>,
): DataView | undefined {
  if (kern === undefined || kern.getUint16(0) !== 0) return undefined;
  const pairs: [left: number, right: number, by: number][] = [];
  for (let table = 0, at = 4; table < kern.getUint16(2); table++) {
    const count = kern.getUint16(at + 6);
    // Of the flags: horizontal, and neither minimum, cross-stream nor of another format.
    for (let i = 0; kern.getUint16(at + 4) === 1 && i < count; i++) {
      const entry = at + 14 + 6 * i;
      const [left, right] = [0, 2].map((side) => renumbered.get(kern.getUint16(entry + side)));
      if (left !== undefined && right !== undefined) {
        pairs.push([left, right, kern.getUint16(entry + 4)]);
      }
    }
    at += kern.getUint16(at + 2);
  }
  if (pairs.length === 0) return undefined;
  // Ascending by both glyphs, with what a binary search in units of 6 bytes starts from.
  pairs.sort(([a, b], [c, d]) => a - c || b - d);
  const steps = Math.floor(Math.log2(pairs.length));
  const search = [6 * 2 ** steps, steps, 6 * (pairs.length - 2 ** steps)];
  const head = [0, 1, 0, 14 + 6 * pairs.length, 1, pairs.length, ...search];
  return numbers([...head, ...pairs.flat()], 2);
}

function writeWoff(tables: ReadonlyMap<string, DataView>): Uint8Array {
  const entries = [...tables].toSorted(([a], [b]) => a < b ? -1 : 1).map(([tag, view]) => {
    const plain = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
    const packed = new Uint8Array(deflateSync(plain, { level: 9 }));
    return { tag, plain, data: packed.length < plain.length ? packed : plain };
  });
  const padded = (length: number) => Math.ceil(length / 4) * 4;
  const start = 44 + 20 * entries.length;
  const length = entries.reduce((sum, { data }) => sum + padded(data.length), start);
  const file = new Uint8Array(length);
  const view = viewOf(file);
  const unpacked = entries.reduce((sum, { plain }) => sum + padded(plain.length), 0);
  view.setUint32(0, 0x774f4646); // "wOFF"
  view.setUint32(4, 0x00010000); // TrueType outlines
  view.setUint32(8, length);
  view.setUint16(12, entries.length);
  view.setUint32(16, 12 + 16 * entries.length + unpacked);
  view.setUint16(20, 1);
  let at = start;
  entries.forEach(({ tag, plain, data }, i) => {
    const entry = 44 + 20 * i;
    file.set(new TextEncoder().encode(tag), entry);
    [at, data.length, plain.length, checksum(plain)].forEach((value, j) =>
      view.setUint32(entry + 4 + 4 * j, value)
    );
    file.set(data, at);
    at += padded(data.length);
  });
  return file;
}

/** Sum of the big-endian words, the last one padded with zeros. */
function checksum(bytes: Uint8Array): number {
  let sum = 0;
  for (let i = 0; i < bytes.length; i++) sum = (sum + bytes[i] * 2 ** (24 - 8 * (i % 4))) >>> 0;
  return sum;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function sliced(view: DataView, from: number, length: number): DataView {
  return new DataView(view.buffer, view.byteOffset + from, length);
}

function edited(view: DataView, edit: (copy: DataView) => void): DataView {
  const from = view.byteOffset;
  const copy = new DataView(view.buffer.slice(from, from + view.byteLength));
  edit(copy);
  return copy;
}

function numbers(values: readonly number[], size: 2 | 4): DataView {
  const view = new DataView(new ArrayBuffer(size * values.length));
  values.forEach((value, i) =>
    size === 2 ? view.setUint16(2 * i, value) : view.setUint32(4 * i, value)
  );
  return view;
}
