import { createRequire } from "node:module";
import { dirname } from "node:path";
import process from "node:process";
import { tf } from "./tf.ts";

/** The part of `@tensorflow/tfjs-backend-wasm` that is used. */
interface WasmPackage {
  setWasmPaths(folder: string): void;
  version_wasm: string;
}

/** Signals of Node.js to which the WebAssembly modules attach handlers of their own. */
const FAILURES = ["uncaughtException", "unhandledRejection"] as const;

/**
 * Opens the WebAssembly backend, which needs nothing native. It runs on one thread: TensorFlow.js
 * has its threads in browsers only.
 *
 * @returns Its version.
 */
export async function registerWasm(): Promise<string> {
  const require = createRequire(import.meta.url);
  const wasm: WasmPackage = require("@tensorflow/tfjs-backend-wasm");
  wasm.setWasmPaths(`${dirname(require.resolve("@tensorflow/tfjs-backend-wasm"))}/`);
  const before = FAILURES.map((name) => process.listeners(name as "exit"));
  if (!await tf.setBackend("wasm")) throw new Error("Cannot start the engine wasm");
  // Their handlers would print the module's source before an uncaught error of ours.
  FAILURES.forEach((name, i) => {
    for (const listener of process.listeners(name as "exit")) {
      if (!before[i].includes(listener)) process.off(name, listener);
    }
  });
  return wasm.version_wasm;
}
