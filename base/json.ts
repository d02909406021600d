import { messageOf } from "./errors.ts";

/** Deepest nesting. Whoever walks through a value calls itself for each level. */
const DEEPEST = 100;

/**
 * Parses JSON of which nothing is known.
 * @throws {SyntaxError} of one line, if it is none or nests more than 100 deep.
 */
export function parseJson(text: string): unknown {
  return parse(text, JSON.parse);
}

/**
 * Parses JSON such that `JSON.stringify` writes each number as it stood: `1.0` and `1e-06` stay
 * what they are. Readers that tell floats from integers (transformers' configs are checked so)
 * would not take `1` for a float.
 *
 * Numbers that JavaScript would write in another way become objects of `JSON.rawJSON`: for what is
 * carried from one file to another, not for reckoning with.
 *
 * @throws {SyntaxError} as {@linkcode parseJson} does.
 */
export function parseJsonAsWritten(text: string): unknown {
  return parse(text, (text) =>
    (JSON.parse as Parse)(
      text,
      (_key, value, { source }) =>
        typeof value === "number" && source !== String(value)
          ? (JSON as unknown as { rawJSON(text: string): unknown }).rawJSON(source!)
          : value,
    ));
}

/** Whether a value of JSON is an object, and no list. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function parse(text: string, by: (text: string) => unknown): unknown {
  if (isTooDeep(text)) throw new SyntaxError(`its values are nested more than ${DEEPEST} deep`);
  try {
    return by(text);
  } catch (error) {
    // The message quotes the text, line breaks and all.
    throw new SyntaxError(messageOf(error).replace(/\s+/g, " "));
  }
}

function isTooDeep(text: string): boolean {
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    const letter = text[i];
    if (letter === '"') {
      while (++i < text.length && text[i] !== '"') if (text[i] === "\\") i++;
    } else if (letter === "[" || letter === "{") {
      if (++depth > DEEPEST) return true;
    } else if (letter === "]" || letter === "}") depth--;
  }
  return false;
}

/** `JSON.parse` as of ECMAScript 2026, which TypeScript does not know yet. */
type Parse = (
  text: string,
  reviver: (key: string, value: unknown, context: { source?: string }) => unknown,
) => unknown;
