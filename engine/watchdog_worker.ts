/// <reference lib="deno.worker" />
import { C_LIBRARY } from "./dlopen.ts";

/** As a shell counts it: ended by signal 2. */
const INTERRUPTED = 130;

// Deno.exit in a worker ends the worker alone.
const libc = Deno.dlopen(C_LIBRARY, { _exit: { parameters: ["i32"], result: "void" } });

self.onmessage = ({ data }: MessageEvent<{ milliseconds: number; words: string }>) => {
  const { milliseconds, words } = data;
  const last = new TextEncoder().encode(`\nStopped in the middle of an operation; ${words}\n`);
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    Deno.addSignalListener(signal, () => {
      setTimeout(() => {
        Deno.stderr.writeSync(last);
        libc.symbols._exit(INTERRUPTED);
      }, milliseconds);
    });
  }
};
