/**
 * SHA-256 of bytes or of a text in UTF-8, as 64 hexadecimal digits.
 *
 * Deno's own, which is there from the start: loading `node:crypto` (`hash.ts`) takes 20 ms or more,
 * and a run in which nothing changed does without it.
 */
export async function digestOf(content: Uint8Array<ArrayBuffer> | string): Promise<string> {
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
}
