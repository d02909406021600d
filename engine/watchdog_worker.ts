/// <reference lib="deno.worker" />
import { C_LIBRARY } from "./dlopen.ts";

/** As a shell counts it: ended by signal 2. */
const INTERRUPTED = 130;

const LAST_WORDS = new TextEncoder().encode(
  "\nStopped in the middle of an operation; the next run goes on from the last checkpoint\n",
);

// Deno.exit in a worker ends the worker alone.
const libc = Deno.dlopen(C_LIBRARY, { _exit: { parameters: ["i32"], result: "void" } });

self.onmessage = ({ data: milliseconds }: MessageEvent<number>) => {
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    Deno.addSignalListener(signal, () => {
      setTimeout(() => {
        Deno.stderr.writeSync(LAST_WORDS);
        libc.symbols._exit(INTERRUPTED);
      }, milliseconds);
    });
  }
};
