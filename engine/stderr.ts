import { cString } from "./capi.ts";

const FUNCTIONS = {
  open: { parameters: ["buffer", "i32"], result: "i32" },
  dup: { parameters: ["i32"], result: "i32" },
  dup2: { parameters: ["i32", "i32"], result: "i32" },
  close: { parameters: ["i32"], result: "i32" },
} as const satisfies Deno.ForeignLibraryInterface;

const STDERR = 2;
const WRITE_ONLY = 1;

/**
 * Does something during which native code writes to standard error, and passes on what it wrote
 * but for the lines that are not wanted. Where there is no place for a temporary file (TMPDIR), all
 * of it passes.
 *
 * @param cLibrary Path of the C library.
 */
export function filterStderr<T>(cLibrary: string, unwanted: RegExp, work: () => T): T {
  const { symbols: c } = Deno.dlopen(cLibrary, FUNCTIONS);
  let held: string;
  try {
    held = Deno.makeTempFileSync({ prefix: "vitrine-stderr-" });
  } catch {
    return work();
  }
  const file = c.open(cString(held), WRITE_ONLY);
  const before = c.dup(STDERR);
  c.dup2(file, STDERR);
  try {
    return work();
  } finally {
    c.dup2(before, STDERR);
    c.close(before);
    c.close(file);
    const lines = Deno.readTextFileSync(held).split("\n").filter((line) => line !== "");
    Deno.removeSync(held);
    for (const line of lines.filter((line) => !unwanted.test(line))) console.error(line);
  }
}
