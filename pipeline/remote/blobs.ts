import { digestOf } from "../../base/digest.ts";

/** Bytes to be put: may be read more than once, as an attempt may fail. */
export interface Content {
  /** Bytes. */
  readonly size: number;
  /** SHA-256, 64 hexadecimal digits. */
  readonly sha256: string;
  /** Reads the bytes from the beginning. */
  open(): Promise<ReadableStream<Uint8Array<ArrayBuffer>>>;
}

/**
 * A place of bytes by name that several machines see: a folder, a web server or a bucket. Names are
 * `cas/<sha256>` and `ac/<key>`. It knows nothing of artifacts and checks nothing: whoever reads
 * hashes, and tries again where it is worth it.
 *
 * Every call throws {@linkcode Temporary} (base/retry.ts) where another attempt may succeed (no
 * answer, 5xx, too many requests), a UserError where none will (not allowed, redirected, no such
 * bucket), and the signal's reason when it is aborted.
 */
export interface Blobs extends Disposable {
  /** Where it is, for people: without user, password or token. */
  readonly address: string;

  /** What is there without its bytes: how many there are where that is said; undefined if nothing. */
  stat(name: string, signal: AbortSignal): Promise<{ readonly size?: number } | undefined>;

  /**
   * Asks for the bytes from one on, as HTTP has it: the answer's status is 200 (all bytes, whatever
   * was asked for), 206 with Content-Range, or 416; undefined where there is nothing of that name.
   * The caller reads the body or cancels it.
   */
  get(name: string, from: number, signal: AbortSignal): Promise<Response | undefined>;

  /**
   * Puts bytes under a name, over what may be there. A reader sees the old bytes, or all of the new
   * ones, or nothing; whoever is killed leaves nothing under the name.
   */
  put(name: string, content: Content, signal: AbortSignal): Promise<void>;
}

/** A text as content. */
export async function textContent(text: string): Promise<Content> {
  const bytes = new TextEncoder().encode(text);
  return {
    size: bytes.length,
    sha256: await digestOf(bytes),
    open: () => Promise.resolve(new Blob([bytes]).stream()),
  };
}

/** A file whose size and digest are known as content. */
export function fileContent(path: string, size: number, sha256: string): Content {
  return { size, sha256, open: async () => (await Deno.open(path)).readable };
}
