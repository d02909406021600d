import { exists } from "../../base/exists.ts";

/** The stamp stands in the head of the page: so many bytes hold it. */
const HEAD_BYTES = 512;

/** The stamp of a page; undefined where there is no page, or none with a stamp. */
export function readStamp(path: string): string | undefined {
  if (!exists(path)) return undefined;
  using file = Deno.openSync(path);
  const bytes = new Uint8Array(HEAD_BYTES);
  const length = file.readSync(bytes) ?? 0;
  const head = new TextDecoder().decode(bytes.subarray(0, length));
  return head.match(/<meta name="vitrine-stamp" content="([0-9a-f]{64})">/)?.[1];
}
