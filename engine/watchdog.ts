/**
 * Sees to it that Ctrl-C ends the process in time. An operation of the native engine blocks the
 * thread that JavaScript runs on, for many seconds where model and batch are large, and no signal
 * handler of that thread is called before it returns. A worker's is.
 *
 * @param milliseconds After SIGINT or SIGTERM the process has so long to end by itself; then it is
 * ended with exit code 130. What it had saved by then is whole.
 * @param words What it says then, of what comes next.
 */
export function endInTime(
  milliseconds: number,
  words = "the next run goes on from the last checkpoint",
): void {
  const worker = new Worker(new URL("./watchdog_worker.ts", import.meta.url).href, {
    type: "module",
    name: "watchdog",
  });
  worker.postMessage({ milliseconds, words });
}
