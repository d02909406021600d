import { join } from "node:path";
import { UserError } from "../../base/errors.ts";
import type { Subject } from "./subject.ts";

/** What a reader may do that it must not, by seed; and, at the end, what it may. */
export const FAULTS = [
  () => {
    throw new TypeError("x is not a function");
  },
  (path: string) => {
    throw new UserError(`Cannot read ${path}: undefined`);
  },
  () => {
    throw new UserError("Cannot read it");
  },
  (path: string) => {
    throw new UserError(`Cannot read ${path}\n\nat all\n`);
  },
  () => void Promise.reject(new Error("nobody waits for this")),
  () => void new Uint8Array(200 << 20).fill(1),
  () => void new Uint8Array(2 ** 32), // never touched
  () => Deno.kill(Deno.pid, "SIGABRT"),
  () => {
    for (;;);
  },
  (path: string) => {
    throw new UserError(`Cannot read ${path}: it is damaged`);
  },
  () => {},
];

/** A reader that fails in each way in turn: whoever watches readers has to notice. */
export function prepare(folder: string): Promise<Subject> {
  const put = (content: Uint8Array) =>
    Promise.resolve({ file: "x", content, names: [join(folder, "x")], bytes: 1 });
  return Promise.resolve({
    whole: [],
    write: (seed) => put(Uint8Array.of(seed)),
    writeContent: put,
    read({ content: [seed], names: [path] }) {
      FAULTS[seed](path);
      return Promise.resolve();
    },
  });
}
