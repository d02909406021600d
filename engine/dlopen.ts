import { dirname } from "node:path";
import { hasAvx } from "./avx.ts";
import { type CApi, cString, SYMBOLS, textAt } from "./capi.ts";
import { cudaLibraries, openInAnyOrder } from "./cuda.ts";
import { filterStderr } from "./stderr.ts";

/** What `dlopen` is called with, by platform: the C library, and RTLD_NOW | GLOBAL | NODELETE. */
const PLATFORMS: Partial<Record<typeof Deno.build.os, { libraries: string[]; flags: number }>> = {
  // Before glibc 2.34 dlopen was in libdl.
  linux: { libraries: ["libc.so.6", "libdl.so.2"], flags: 0x2 | 0x100 | 0x1000 },
  darwin: { libraries: ["/usr/lib/libSystem.B.dylib"], flags: 0x2 | 0x8 | 0x80 },
};

/** The C library of this platform. */
export const C_LIBRARY = PLATFORMS[Deno.build.os]?.libraries[0] ?? "libc.so.6";

/**
 * Opens TensorFlow's two libraries for the life of the process.
 *
 * They go through the C library's own `dlopen` first: Deno closes what it has opened when the
 * process ends, and unloading TensorFlow while its threads run ends in a segmentation fault.
 * RTLD_NODELETE keeps the libraries where they are, so every way out has its own exit code.
 *
 * @param framework Path of `libtensorflow_framework`; loaded first, the other needs it.
 * @param cc Path of `libtensorflow_cc`, which exports the C API.
 * @throws {Error} with the loader's sentence.
 */
export function openTensorFlow(framework: string, cc: string): CApi {
  const platform = PLATFORMS[Deno.build.os];
  if (!platform) throw new Error(`Cannot open libraries for good on ${Deno.build.os}`);
  const loader = openLoader(platform.libraries);
  const opens = (path: string) => loader.dlopen(cString(path), platform.flags) !== null;
  const keep = (path: string) => {
    if (!opens(path)) throw new Error(textAt(loader.dlerror()));
  };
  openInAnyOrder(cudaLibraries(dirname(cc)), opens);
  const keepBoth = () => {
    keep(framework);
    keep(cc);
  };
  // What a build that is not for this processor says before it ends the process must come through.
  if (Deno.build.os === "linux" && Deno.build.arch === "x86_64" && !hasAvx()) keepBoth();
  // That oneDNN is on is said before TensorFlow has read TF_CPP_MIN_LOG_LEVEL.
  else filterStderr(loader.path, /^(I\d{4} |WARNING: All log messages before absl::)/, keepBoth);
  return Deno.dlopen(cc, SYMBOLS).symbols;
}

const LOADER = {
  dlopen: { parameters: ["buffer", "i32"], result: "pointer" },
  dlerror: { parameters: [], result: "pointer" },
} as const satisfies Deno.ForeignLibraryInterface;

function openLoader(libraries: string[]) {
  let failure: unknown;
  for (const library of libraries) {
    try {
      return { path: library, ...Deno.dlopen(library, LOADER).symbols };
    } catch (error) {
      failure = error;
    }
  }
  throw failure;
}
