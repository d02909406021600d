import { dirname } from "node:path";

/** A lock held by the operating system: it goes with the process, however that ends. */
export interface Lock extends Disposable {
  release(): void;
}

/**
 * Takes the lock of a file, waiting for whoever holds it. The file stays when the lock is given
 * back: unlinking it would let two processes lock two files of one name.
 *
 * @param path The lock file; made where it is missing. It holds the PID of its holder.
 * @param onWait Called once if somebody else has it, with their PID (null where it can't be read).
 * @param signal Gives up waiting.
 */
export async function lockFile(
  path: string,
  options: { onWait?: (pid: number | null) => void; signal?: AbortSignal } = {},
): Promise<Lock> {
  await Deno.mkdir(dirname(path), { recursive: true });
  const file = await Deno.open(path, { read: true, write: true, create: true });
  try {
    if (!(await file.tryLock(true))) {
      options.onWait?.(await readHolder(path));
      // Polling, not a blocking flock: that would hold a thread which no signal can end.
      while (!(await file.tryLock(true))) {
        options.signal?.throwIfAborted();
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }
    // At once, and over what is there: whoever waits is to find a PID whenever it looks.
    const holder = new TextEncoder().encode(`${Deno.pid}\n`);
    file.writeSync(holder);
    file.truncateSync(holder.length);
  } catch (error) {
    file.close();
    throw error;
  }
  let open = true;
  const release = () => {
    if (open) file.close();
    open = false;
  };
  return { release, [Symbol.dispose]: release };
}

/** PID in a lock file: who holds it, or who held it last. */
export async function readHolder(path: string): Promise<number | null> {
  const pid = Number.parseInt(await Deno.readTextFile(path).catch(() => ""), 10);
  return Number.isInteger(pid) ? pid : null;
}
