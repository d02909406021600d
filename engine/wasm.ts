import type { KernelBackend, KernelFunc, TensorInfo } from "@tensorflow/tfjs-core";
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
  transposeBeforeProducts();
  if (!await tf.setBackend("wasm")) throw new Error("Cannot start the engine wasm");
  // Their handlers would print the module's source before an uncaught error of ours.
  FAILURES.forEach((name, i) => {
    for (const listener of process.listeners(name as "exit")) {
      if (!before[i].includes(listener)) process.off(name, listener);
    }
  });
  return wasm.version_wasm;
}

/** A kernel's inputs and attributes of a product of matrices. */
interface ProductCall {
  inputs: { a: TensorInfo; b: TensorInfo };
  attrs: { transposeA: boolean; transposeB: boolean };
  backend: KernelBackend;
}

/**
 * Transposes factors before they are multiplied: for two matrices the kernel has a fast product,
 * but not where one is to be transposed, and a training step is full of those. (Of
 * `[192, 2400]ᵀ [192, 768]` it makes 0.05 s out of 0.4 s.) Batches have no fast product at all.
 */
function transposeBeforeProducts(): void {
  const product = tf.getKernel("BatchMatMul", "wasm");
  const transpose = tf.getKernel("Transpose", "wasm");
  const kernelFunc = (call: ProductCall) => {
    const { inputs, attrs, backend } = call;
    if (isBatch(inputs.a) || isBatch(inputs.b)) return product.kernelFunc(call as never);
    const temporary: TensorInfo[] = [];
    const turned = (x: TensorInfo, wanted: boolean) => {
      if (!wanted) return x;
      const perm = x.shape.map((_, axis) => axis);
      perm.push(...perm.splice(-2).reverse());
      const result = transpose.kernelFunc({
        inputs: { x },
        attrs: { perm },
        backend,
      }) as TensorInfo;
      temporary.push(result);
      return result;
    };
    const a = turned(inputs.a, attrs.transposeA);
    const b = turned(inputs.b, attrs.transposeB);
    const result = product.kernelFunc({
      inputs: { a, b },
      attrs: { transposeA: false, transposeB: false },
      backend,
    });
    for (const { dataId } of temporary) backend.disposeData(dataId);
    return result;
  };
  tf.unregisterKernel("BatchMatMul", "wasm");
  tf.registerKernel({ ...product, kernelFunc: kernelFunc as unknown as KernelFunc });
}

function isBatch({ shape }: TensorInfo): boolean {
  return shape.slice(0, -2).some((length) => length !== 1);
}
