import { dirname, join } from "node:path";
import { UserError } from "../../base/errors.ts";
import { Temporary } from "../../base/retry.ts";
import type { Blobs, Content } from "./blobs.ts";

/** Blobs in a folder that several machines see, on NFS for example. */
export class FolderBlobs implements Blobs {
  readonly address: string;

  /** @param path Absolute; must be there: one that is not mounted is not to be filled. */
  constructor(path: string) {
    this.address = path;
  }

  async stat(name: string): Promise<{ size: number } | undefined> {
    const stat = await this.#orMissing(Deno.stat(join(this.address, name)));
    return stat === undefined ? undefined : { size: stat.size };
  }

  async get(name: string, from: number): Promise<Response | undefined> {
    const file = await this.#orMissing(Deno.open(join(this.address, name)));
    if (file === undefined) return undefined;
    const { size } = await file.stat();
    if (from > 0 && from >= size) {
      file.close();
      return new Response(null, { status: 416 });
    }
    await file.seek(from, Deno.SeekMode.Start);
    const headers: Record<string, string> = { "content-length": String(size - from) };
    if (from > 0) headers["content-range"] = `bytes ${from}-${size - 1}/${size}`;
    return new Response(file.readable, { status: from > 0 ? 206 : 200, headers });
  }

  async put(name: string, content: Content, signal: AbortSignal): Promise<void> {
    const path = join(this.address, name);
    await this.#orMissing(Deno.stat(this.address)); // says it where the folder itself is missing
    await Deno.mkdir(dirname(path), { recursive: true });
    // Beside the name, so that the rename stays on one disk; its own, so that two writers never meet.
    const temporary = `${path}.${crypto.randomUUID()}.tmp`;
    try {
      using file = await Deno.open(temporary, { write: true, createNew: true });
      for await (const piece of await content.open()) {
        signal.throwIfAborted();
        for (let at = 0; at < piece.length;) at += await file.write(piece.subarray(at));
      }
      await file.sync();
      await Deno.rename(temporary, path);
    } catch (error) {
      await Deno.remove(temporary).catch(() => {});
      throw signal.aborted ? error : explained(error, this.address);
    }
    using folder = await Deno.open(dirname(path));
    await folder.sync();
  }

  [Symbol.dispose](): void {}

  /** Undefined where there is nothing of that name. @throws {UserError} if the folder is missing. */
  async #orMissing<T>(call: Promise<T>): Promise<T | undefined> {
    try {
      return await call;
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw explained(error, this.address);
      const root = await Deno.stat(this.address).catch(() => undefined);
      if (root?.isDirectory) return undefined;
      throw new UserError(`Cannot use ${this.address}: there is no such folder`, {
        hint: "Mount it, or make it.",
      });
    }
  }
}

/** What another attempt may mend (a file server that restarts) and what it will not. */
function explained(error: unknown, address: string): unknown {
  const code = (error as { code?: string } | null)?.code;
  if (code === undefined) return error;
  const message = `Cannot use ${address}: ${(error as Error).message}`;
  const passing = ["ESTALE", "EIO", "ETIMEDOUT", "EAGAIN", "EBUSY", "EHOSTDOWN"].includes(code);
  return passing
    ? new Temporary(message, { cause: error })
    : new UserError(message, { cause: error });
}
