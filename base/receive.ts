/** A file that is to come over HTTP. */
export interface Reception {
  /** Where its bytes go. What is there from an earlier time is gone on with. */
  readonly path: string;
  /** Bytes of the whole file, where they are known before the server says them. */
  readonly size?: number;
  /** Asks for the bytes from one on. The answer's status is 200, 206 or 416. */
  readonly open: (start: number, signal: AbortSignal) => Promise<Response>;
  /** Bytes that are here so far, of how many (0 where nobody says). */
  readonly onProgress?: (done: number, total: number) => void;
  /** Told when bytes were added to those of an earlier time. */
  readonly onAdvance?: () => void;
  readonly signal?: AbortSignal;
  /** Milliseconds without a byte after which the connection counts as cut. */
  readonly patience?: number;
}

/** Not all bytes came: worth another attempt, which goes on from those that did. */
export class Cut extends Error {
  override name = "Cut";
}

/** What came is not the file. Nothing of it is kept. */
export class Altered extends Error {
  override name = "Altered";
  /** Whether some of it is from an earlier time and may be of another file. */
  readonly resumed: boolean;

  constructor(message: string, resumed: boolean) {
    super(message);
    this.resumed = resumed;
  }
}

/** Milliseconds without a byte after which a connection counts as cut, where nobody says. */
const STALLED = 60_000;

/**
 * Brings a file to its full length. Its content is for the caller to check.
 *
 * @returns Whether some of it was there before.
 * @throws {Cut} if the connection ends early or the server does not send what it was asked for.
 * @throws {Altered} if there are more or fewer bytes than there should be.
 */
export async function receive(reception: Reception): Promise<{ resumed: boolean }> {
  const { path, size, onProgress, onAdvance, patience = STALLED } = reception;
  let start = (await Deno.stat(path).catch(() => undefined))?.size ?? 0;
  if (size !== undefined && start === size && size > 0) return { resumed: true };
  if (size !== undefined && start > size) start = 0;
  const stalled = new AbortController();
  const signal = AbortSignal.any([stalled.signal, ...(reception.signal ? [reception.signal] : [])]);
  let timer = setTimeout(() => stalled.abort(), patience);
  try {
    let response = await reception.open(start, signal);
    if (response.status === 416 && start > 0) {
      await response.body?.cancel();
      await remove(path); // as long as the file or longer: of no use
      response = await reception.open(start = 0, signal);
    }
    const { resumed, total } = await judge(response, start, reception);
    let done = resumed ? start : 0;
    onProgress?.(done, total);
    // A server that knows no ranges sends the whole file.
    const how = resumed ? { append: true } : { write: true, truncate: true };
    using file = await Deno.open(path, { create: true, ...how });
    for await (const bytes of chunks(response)) {
      clearTimeout(timer);
      timer = setTimeout(() => stalled.abort(), patience);
      for (let at = 0; at < bytes.length;) at += await file.write(bytes.subarray(at));
      if (resumed) onAdvance?.();
      done += bytes.length;
      onProgress?.(done, total);
      if (size !== undefined && done > size) { // it might never end
        await remove(path);
        throw new Altered(`it has more than ${size} bytes`, resumed);
      }
    }
    await file.sync();
    if (done < total) throw new Cut("the connection was cut");
    return { resumed };
  } finally {
    clearTimeout(timer);
  }
}

/** Whether an answer goes on from a byte, and how long the file is with it (0: unknown). */
async function judge(
  response: Response,
  start: number,
  { path, size }: Reception,
): Promise<{ resumed: boolean; total: number }> {
  const { status, headers } = response;
  const begin = /^bytes (\d+)-/.exec(headers.get("content-range") ?? "")?.[1];
  const resumed = status === 206 && start > 0 && Number(begin) === start;
  if (status === 416 || status === 206 && !resumed) {
    await response.body?.cancel();
    await remove(path); // the next attempt asks for the whole file
    throw new Cut("the server did not send the range that it was asked for");
  }
  const here = resumed ? start : 0;
  // Compressed on the way, the length that is named is not that of what arrives.
  const named = headers.has("content-encoding") ? null : headers.get("content-length");
  const whole = named === null ? undefined : here + Number(named);
  if (size !== undefined && whole !== undefined && whole !== size) {
    await response.body?.cancel();
    await remove(path);
    throw new Altered(`it has ${whole} bytes, not ${size}`, resumed);
  }
  return { resumed, total: size ?? whole ?? 0 };
}

async function* chunks(response: Response): AsyncGenerator<Uint8Array> {
  const reader = response.body?.getReader();
  if (!reader) return;
  try {
    while (true) {
      const read = await reader.read().catch((cause) => {
        throw new Cut("the connection was cut", { cause });
      });
      if (read.done) return;
      yield read.value;
    }
  } finally {
    await reader.cancel().catch(() => {});
  }
}

async function remove(path: string): Promise<void> {
  await Deno.remove(path).catch((error) => {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  });
}
