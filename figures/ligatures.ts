/** Letters that stand as one glyph in running text, and that glyph's own place in Unicode. */
const LIGATURES: readonly (readonly [letters: string, point: number])[] = [
  // The longest first: the first that fits is taken.
  ["ffi", 0xfb03],
  ["ffl", 0xfb04],
  ["ff", 0xfb00],
  ["fi", 0xfb01],
  ["fl", 0xfb02],
];
const [FIRST] = "f";

/** The ligatures that can occur in text of these characters. */
export function ligaturesOf(points: readonly number[]): typeof LIGATURES {
  const there = new Set(points);
  return LIGATURES.filter(([letters]) => [...letters].every((c) => there.has(c.codePointAt(0)!)));
}

/**
 * A `GSUB` table (OpenType 1.9) that sets ligatures, all of which begin with f: one feature, `liga`,
 * of one lookup of type 4, in every script.
 *
 * @param glyphOf Number of a character's glyph in the font that the table belongs to.
 * @returns words of 16 bits.
 */
export function ligatureTable(
  ligatures: typeof LIGATURES,
  glyphOf: (point: number) => number,
): number[] {
  const scripts = [
    ...[2, ...tag("DFLT"), 14, ...tag("latn"), 14],
    ...[4, 0], // the script: its language system is the default one
    ...[0, 0xffff, 1, 0], // which has the first feature, none of them required
  ];
  const features = [1, ...tag("liga"), 8, 0, 1, 0];
  const set = ligatures.map(([letters, point]) => {
    const [, ...rest] = letters;
    return [glyphOf(point), letters.length, ...rest.map((c) => glyphOf(c.codePointAt(0)!))];
  });
  const before = set.map((_, i) => 2 * (1 + set.length + set.slice(0, i).flat().length));
  const substitution = [
    ...[1, 8, 1, 14], // format, places of the coverage and of the one set
    ...[1, 1, glyphOf(FIRST.codePointAt(0)!)],
    ...[set.length, ...before, ...set.flat()],
  ];
  const lookups = [1, 4, 4, 0, 1, 8, ...substitution];
  const places = [10, 10 + 2 * scripts.length, 10 + 2 * (scripts.length + features.length)];
  return [1, 0, ...places, ...scripts, ...features, ...lookups];
}

function tag(name: string): [number, number] {
  const [a, b, c, d] = [...name].map((character) => character.charCodeAt(0));
  return [256 * a + b, 256 * c + d];
}
