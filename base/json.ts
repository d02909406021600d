/**
 * Parses JSON such that `JSON.stringify` writes each number as it stood: `1.0` and `1e-06` stay
 * what they are. Readers that tell floats from integers (transformers' configs are checked so)
 * would not take `1` for a float.
 *
 * Numbers that JavaScript would write in another way become objects of `JSON.rawJSON`: for what is
 * carried from one file to another, not for reckoning with.
 *
 * @throws {SyntaxError}
 */
export function parseJsonAsWritten(text: string): unknown {
  return (JSON.parse as Parse)(
    text,
    (_key, value, { source }) =>
      typeof value === "number" && source !== String(value)
        ? (JSON as unknown as { rawJSON(text: string): unknown }).rawJSON(source!)
        : value,
  );
}

/** `JSON.parse` as of ECMAScript 2026, which TypeScript does not know yet. */
type Parse = (
  text: string,
  reviver: (key: string, value: unknown, context: { source?: string }) => unknown,
) => unknown;
