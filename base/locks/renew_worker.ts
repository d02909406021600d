/// <reference lib="deno.worker" />
import { realLocks } from "./disk.ts";
import { renewal } from "./holder.ts";

/*
 * Renews the files of sessions. A thread of its own, as the main one may be in a native operation
 * for longer than others wait; where the whole process stands still, so does this.
 */

interface Task {
  readonly path: string;
  /** Without it the file is no longer to be renewed. */
  readonly head?: string;
  /** Milliseconds. */
  readonly every?: number;
}

const timers = new Map<string, ReturnType<typeof setInterval>>();
let count = 0;

self.onmessage = ({ data: { path, head, every } }: MessageEvent<Task>) => {
  clearInterval(timers.get(path));
  timers.delete(path);
  if (head === undefined) return;
  const renew = () => {
    try {
      const there = realLocks.overwrite(path, renewal(head, "w", ++count));
      // Cleared away by others, who hold this process for dead: the main thread finds that out.
      if (!there) clearInterval(timers.get(path));
    } catch {
      // The server does not answer, for example: tried again.
    }
  };
  renew();
  timers.set(path, setInterval(renew, every));
};
