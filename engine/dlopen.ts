import { type CApi, SYMBOLS, textAt } from "./capi.ts";

/** What `dlopen` is called with, by platform: the C library, and RTLD_NOW | GLOBAL | NODELETE. */
const PLATFORMS: Partial<Record<typeof Deno.build.os, { libraries: string[]; flags: number }>> = {
  // Before glibc 2.34 dlopen was in libdl.
  linux: { libraries: ["libc.so.6", "libdl.so.2"], flags: 0x2 | 0x100 | 0x1000 },
  darwin: { libraries: ["/usr/lib/libSystem.B.dylib"], flags: 0x2 | 0x8 | 0x80 },
};

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
  const keep = (path: string) => {
    if (loader.dlopen(cString(path), platform.flags) !== null) return;
    throw new Error(textAt(loader.dlerror()));
  };
  keep(framework);
  quieten(framework);
  keep(cc);
  return Deno.dlopen(cc, SYMBOLS).symbols;
}

/**
 * Makes TensorFlow's log keep to `TF_CPP_MIN_LOG_LEVEL` from the start. It reads the variable too
 * late for what its second library says while it is being loaded.
 */
function quieten(framework: string): void {
  const { symbols } = Deno.dlopen(framework, LOG);
  symbols.setMinLogLevel?.(Number(Deno.env.get("TF_CPP_MIN_LOG_LEVEL") ?? 0));
}

const LOG = {
  setMinLogLevel: {
    // absl::SetMinLogLevel(absl::LogSeverityAtLeast), as TensorFlow 2.21.0 has it.
    name: "_ZN4absl12lts_2025081414SetMinLogLevelENS0_18LogSeverityAtLeastE",
    parameters: ["i32"],
    result: "void",
    optional: true,
  },
} as const satisfies Deno.ForeignLibraryInterface;

const LOADER = {
  dlopen: { parameters: ["buffer", "i32"], result: "pointer" },
  dlerror: { parameters: [], result: "pointer" },
} as const satisfies Deno.ForeignLibraryInterface;

function openLoader(libraries: string[]) {
  let failure: unknown;
  for (const library of libraries) {
    try {
      return Deno.dlopen(library, LOADER).symbols;
    } catch (error) {
      failure = error;
    }
  }
  throw failure;
}

/** A text as C reads it: UTF-8 with a zero at the end, in memory that does not move. */
export function cString(text: string): Uint8Array<ArrayBuffer> {
  const bytes = new TextEncoder().encode(text);
  const zeroed = new Uint8Array(new ArrayBuffer(bytes.length + 1));
  zeroed.set(bytes);
  return zeroed;
}
