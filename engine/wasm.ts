import type { KernelBackend } from "@tensorflow/tfjs-core";
import { createRequire } from "node:module";
import { dirname } from "node:path";
import process from "node:process";
import { messageOf } from "../base/errors.ts";
import { tf } from "./tf.ts";
import { multiplyFast } from "./wasm_products.ts";
import { MOST_THREADS, startThreadedModule, type WasmModule } from "./wasm_threads.ts";

/** The part of `@tensorflow/tfjs-backend-wasm` that is used. */
interface WasmPackage {
  setWasmPaths(folder: string): void;
  setThreadsCount(threads: number): void;
  BackendWasm: new (module: WasmModule) => KernelBackend;
  version_wasm: string;
}

/** What was opened. */
export interface WasmOpened {
  readonly version: string;
  readonly threads: number;
  readonly simd: boolean;
  /** Why there are fewer threads than were asked for. */
  readonly reason?: string;
}

/** Signals of Node.js to which the WebAssembly modules attach handlers of their own. */
const FAILURES = ["uncaughtException", "unhandledRejection"] as const;

/**
 * Opens the WebAssembly backend, which needs nothing native.
 *
 * @param threads At least 1. With more than one, and SIMD, the module with threads is used; where
 * that does not start, the one without, and the result says why.
 */
export async function registerWasm(threads: number): Promise<WasmOpened> {
  const require = createRequire(import.meta.url);
  const wasm: WasmPackage = require("@tensorflow/tfjs-backend-wasm");
  wasm.setWasmPaths(`${dirname(require.resolve("@tensorflow/tfjs-backend-wasm"))}/`);
  const before = FAILURES.map((name) => process.listeners(name as "exit"));
  const simd = Boolean(await tf.env().getAsync("WASM_HAS_SIMD_SUPPORT"));
  const { count, reason } = await openThreads(wasm, threads, simd);
  multiplyFast();
  if (!await tf.setBackend("wasm")) throw new Error("Cannot start the engine wasm");
  // Their handlers would print the module's source before an uncaught error of ours.
  FAILURES.forEach((name, i) => {
    for (const listener of process.listeners(name as "exit")) {
      if (!before[i].includes(listener)) process.off(name, listener);
    }
  });
  return { version: wasm.version_wasm, threads: count, simd, reason };
}

/** Registers the backend with threads in place of the package's own, if it can be had. */
async function openThreads(
  wasm: WasmPackage,
  threads: number,
  simd: boolean,
): Promise<{ count: number; reason?: string }> {
  if (threads === 1) return { count: 1 };
  if (!simd) return { count: 1, reason: "this machine has no SIMD, which threads come with" };
  const count = Math.min(threads, MOST_THREADS);
  try {
    const module = await startThreadedModule(count);
    wasm.setThreadsCount(count);
    const backend = new wasm.BackendWasm(module);
    tf.removeBackend("wasm");
    tf.registerBackend("wasm", () => backend);
  } catch (error) {
    return { count: 1, reason: `its threads do not start: ${messageOf(error)}` };
  }
  return count < threads ? { count, reason: `it has at most ${MOST_THREADS}` } : { count };
}
