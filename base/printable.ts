/**
 * Makes a text safe for a terminal and for one line: a tab is one space; other control characters,
 * line breaks among them, marks that turn the direction of writing, and half characters become �.
 */
export function printable(text: string): string {
  return text.replaceAll("\t", " ").toWellFormed()
    // deno-lint-ignore no-control-regex -- they are what is looked for
    .replace(/[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g, "\ufffd");
}

/**
 * A value from outside as an error shows it: a text in quotes, control characters escaped or made
 * visible, and the end left out where it is long; of a list or a map only that it is one, as those
 * may be of any size and depth.
 *
 * @param longest Characters, with the quotes, up to which a text is shown whole.
 */
export function quoted(value: unknown, longest = 60): string {
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object" && value !== null) return "a map";
  if (typeof value !== "string") return value === undefined ? "nothing" : String(value);
  let shown = "";
  let count = 0;
  // A text may be as long as the file; of this much at least `longest` letters come.
  for (const letter of value.slice(0, 2 * longest)) {
    const escaped = printable(JSON.stringify(letter).slice(1, -1));
    count += [...escaped].length;
    if (count > longest - 2) return `"${shown}…"`;
    shown += escaped;
  }
  return `"${shown}"`;
}

/** Longest path that is shown whole; the most that file systems take is 255 for each of its names. */
const LONGEST_PATH = 160;

/** A path as an error shows it: of one too long to read, the beginning and the end. */
export function shownPath(path: string): string {
  if (path.length <= LONGEST_PATH) return path;
  return `${path.slice(0, LONGEST_PATH / 2)}…${path.slice(1 - LONGEST_PATH / 2)}`;
}
