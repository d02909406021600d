import { createHash, type Hash } from "node:crypto";
import { at } from "./write_error.ts";

/** Starts a SHA-256; feed it with `update`, end it with `digest("hex")`. */
export function sha256(): Hash {
  return createHash("sha256");
}

/**
 * SHA-256 of a file, read in pieces of 1 MiB: memory does not grow with the file.
 *
 * @throws the signal's reason when it is aborted.
 */
export async function sha256File(path: string, signal?: AbortSignal): Promise<string> {
  const hash = createHash("sha256");
  using file = await Deno.open(path);
  const piece = new Uint8Array(1 << 20);
  const read = () => at(path, () => file.read(piece));
  for (let n = await read(); n !== null; n = await read()) {
    signal?.throwIfAborted();
    hash.update(piece.subarray(0, n));
  }
  return hash.digest("hex");
}
