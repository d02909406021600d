import type { DataId, KernelBackend, TensorInfo, TypedArray } from "@tensorflow/tfjs-core";
import { createRequire } from "node:module";
import { UserError } from "../base/errors.ts";

/** The parts of the package's backend that are used; TypeScript knows some of them as private. */
interface PackageBackend extends KernelBackend {
  readonly bufferManager: BufferManager;
  readonly tensorMap: {
    get(id: DataId): { values: unknown; resource: unknown; shape: number[]; dtype: string };
  };
  read(id: DataId): Promise<TypedArray>;
  submitQueue(): void;
  uploadToGPU(id: DataId): void;
  runWebGPUProgram(...args: readonly unknown[]): TensorInfo;
}

/** Keeps the buffers that are free, by size and use, for tensors to come. */
interface BufferManager {
  readonly freeBuffers: Map<string, GPUBuffer[]>;
  numFreeBuffers: number;
  numBytesUsed: number;
  numBytesAllocated: number;
}

interface WebGpuPackage {
  readonly WebGPUBackend: new (device: GPUDevice, adapter: GPUAdapterInfo) => PackageBackend;
}

const { WebGPUBackend }: WebGpuPackage = createRequire(import.meta.url)(
  "@tensorflow/tfjs-backend-webgpu",
);

/** What a run that ended this way should do next. */
const GO_ON = "Run it again: it goes on from the last checkpoint";

/** Submissions after which the memory that is needed is measured anew. */
const WINDOW = 512;
/** Bytes that may lie unused whatever is in use. */
const SPARE = 256 * 2 ** 20;

/**
 * TensorFlow.js's backend for WebGPU, with what a browser's page does not need: an error of the device
 * ends the work, free buffers of sizes that are no longer used are given back, and values that were read
 * are not kept.
 */
export class Backend extends WebGPUBackend {
  readonly #largest: number;
  #failure: UserError | undefined;
  #peak = 0;
  #submissions = 0;

  constructor(device: GPUDevice, adapter: GPUAdapterInfo) {
    super(device, adapter);
    this.#largest = Math.min(
      device.limits.maxStorageBufferBindingSize,
      device.limits.maxBufferSize,
    );
    // WebGPU reports errors beside the calls that make them; their results would be zeros.
    device.addEventListener("uncapturederror", (event) => {
      event.preventDefault();
      this.#failure ??= failureOf((event as GPUUncapturedErrorEvent).error);
    });
    device.lost.then(({ message }) => {
      this.#failure = new UserError(
        `The GPU was lost: ${message || "its driver does not say why"}`,
        {
          hint: GO_ON,
        },
      );
    });
  }

  /** @throws {UserError} if the device failed in anything since it was opened. */
  override async read(id: DataId): Promise<TypedArray> {
    const data = this.tensorMap.get(id);
    try {
      const values = await super.read(id);
      // Who trains would else have a second copy of every tensor that was ever saved, on the host.
      if (data.resource) data.values = null;
      if (this.#failure === undefined) return values;
    } catch (error) {
      // What came first is heard of a moment later.
      await new Promise((resolve) => setTimeout(resolve, 100));
      if (this.#failure === undefined) throw error;
    }
    const failure = this.#failure;
    this.#failure = undefined; // told once; whoever goes on knows
    throw failure;
  }

  /** @throws {UserError} if the tensor is larger than what this GPU's operations can be given. */
  override uploadToGPU(id: DataId): void {
    const { shape } = this.tensorMap.get(id);
    const bytes = 4 * shape.reduce((product, length) => product * length, 1); // bools too
    if (bytes > this.#largest) {
      throw new UserError(
        `Cannot make a tensor of ${shape.join("x")} on this GPU: it takes ${megabytes(bytes)}, ` +
          `and operations read at most ${megabytes(this.#largest)}`,
        { hint: "Take a smaller batch_size (accumulate makes up for it), or another engine" },
      );
    }
    super.uploadToGPU(id);
  }

  override runWebGPUProgram(...args: readonly unknown[]): TensorInfo {
    try {
      return super.runWebGPUProgram(...args);
    } catch (error) {
      // That the device is lost is said a moment later than buffers are invalid.
      if (!(error instanceof DOMException)) throw error;
      throw this.#failure ?? new UserError(`The GPU was lost: ${error.message}`, { hint: GO_ON });
    }
  }

  override readSync(): never {
    throw new Error("Cannot read a tensor of the engine webgpu at once: await its data()");
  }

  /** Buffers are kept for the next tensor of the same size. Other sizes (of another stage) pile up. */
  override submitQueue(): void {
    super.submitQueue();
    const { bufferManager: buffers } = this;
    this.#peak = Math.max(this.#peak, buffers.numBytesUsed);
    if (buffers.numBytesAllocated > 1.5 * this.#peak + SPARE) freeUnused(buffers);
    if (++this.#submissions % WINDOW === 0) this.#peak = buffers.numBytesUsed;
  }
}

const megabytes = (bytes: number) => `${Math.ceil(bytes / 1e6)} MB`;

function freeUnused(buffers: BufferManager): void {
  for (const [key, unused] of buffers.freeBuffers) {
    for (const buffer of unused) {
      buffers.numBytesAllocated -= buffer.size;
      buffer.destroy(); // once the work that was submitted is done
    }
    // The entries stay: the package's release of a buffer expects that of its size.
    buffers.numFreeBuffers -= unused.length;
    buffers.freeBuffers.set(key, []);
  }
}

function failureOf(error: GPUError): UserError {
  if (error instanceof GPUOutOfMemoryError) {
    return new UserError(`The GPU's memory is full: ${error.message}`, {
      hint: "Take a smaller batch_size, or accumulate more batches to a step; " +
        GO_ON.toLowerCase(),
    });
  }
  return new UserError(`The GPU refused an operation: ${error.message}`, {
    hint: "Use another engine: --engine tensorflow, or wasm",
  });
}
