import { type OpAttribute, setAttribute } from "./attributes.ts";
import { type CApi, type Pointer, textAt, TF_AttrType, TF_DataType } from "./capi.ts";
import type { Device } from "./context.ts";
import { BindingConstants } from "./binding_constants.ts";
import { failureOf } from "./failure.ts";
import { NamePool } from "./names.ts";
import { createHandle, readHandle, type TensorValues, withStrings } from "./tensors.ts";

/** An output of an operation: a tensor's number in the binding, its shape, its element type. */
export interface OutputMetadata {
  id: number;
  shape: number[];
  dtype: number;
}

/**
 * The interface behind which TensorFlow.js's kernels expect TensorFlow, over the C API.
 *
 * Its peer is the compiled addon of `@tensorflow/tfjs-node` (binding/tfjs_backend.cc); it differs
 * in copying values in (a JavaScript buffer may move or go) and in freeing int64 scalars. Saved
 * models are not there: nothing here loads them.
 */
export class TensorFlowBinding extends BindingConstants {
  readonly #c: CApi;
  readonly #context: Pointer;
  readonly #status: Pointer;
  readonly #device: Device;
  readonly #names: NamePool;
  readonly #handles = new Map<number, Pointer>();
  /** int64 tensors that a kernel made as an input and never deletes: they go after that operation. */
  readonly #passing: number[] = [];
  #nextId = 0;
  // Written by TFE_Execute. Reused: an operation is over before the next one starts.
  readonly #outputs = new BigUint64Array(new ArrayBuffer(8 * MAX_OUTPUTS));
  readonly #outputCount = new Int32Array(new ArrayBuffer(4));

  readonly TF_Version: string;

  /**
   * @param c TensorFlow's C functions.
   * @param context The eager context that everything runs in.
   * @param device Where tensors go and operations run.
   */
  constructor(
    c: CApi,
    context: Pointer,
    device: Device,
  ) {
    super();
    this.#c = c;
    this.#context = context;
    this.#device = device;
    this.#status = c.TF_NewStatus()!;
    this.#names = new NamePool();
    this.TF_Version = textAt(c.TF_Version());
  }

  /**
   * Copies values into a new tensor.
   * @param shape Sizes; their product is the number of values.
   * @param dtype A value of {@linkcode TF_DataType}.
   * @param values Numbers (for int64 two int32 each, low half first), or strings as UTF-8 bytes.
   * @returns The tensor's number.
   * @throws {Error} if shape, type and values do not agree.
   */
  createTensor(shape: number[], dtype: number, values: TensorValues): number {
    if (dtype === TF_DataType.STRING) return this.#createStrings(shape, values);
    let handle = createHandle(this.#c, this.#status, shape, dtype, values);
    // GPU kernels expect int32 (shapes, axes) in host memory.
    if (this.#device.isGpu && dtype !== TF_DataType.INT32) {
      const onHost = handle;
      handle = this.#c.TFE_TensorHandleCopyToDevice(
        onHost,
        this.#context,
        this.#device.name,
        this.#status,
      )!;
      this.#c.TFE_DeleteTensorHandle(onHost);
      if (handle === null) throw this.#failure("a copy to the GPU");
    }
    const id = this.#keep(handle);
    if (dtype === TF_DataType.INT64) this.#passing.push(id);
    return id;
  }

  /** Frees a tensor. @throws {Error} if there is none of that number. */
  deleteTensor(id: number): void {
    this.#c.TFE_DeleteTensorHandle(this.#handle(id));
    this.#handles.delete(id);
  }

  /** Copies a tensor's values out. @throws {Error} if there is none of that number. */
  tensorDataSync(id: number): Float32Array | Int32Array | Uint8Array {
    // The interface leaves out what TensorFlow.js itself handles: strings and BigInt64Array.
    return readHandle(this.#c, this.#status, this.#handle(id)) as Float32Array;
  }

  /**
   * Runs one operation.
   * @param name Its name in TensorFlow's registry.
   * @param attributes Those that are not at their defaults.
   * @param inputIds Numbers of tensors.
   * @param outputCount How many outputs it has; at most 64.
   * @throws {Error} with TensorFlow's message.
   */
  executeOp(
    name: string,
    attributes: OpAttribute[],
    inputIds: number[],
    outputCount: number,
  ): OutputMetadata[] {
    const c = this.#c;
    const op = c.TFE_NewOp(this.#context, this.#names.pointer(name), this.#status);
    try {
      if (op === null) throw this.#failure(name);
      for (let i = 0; i < inputIds.length; i++) {
        c.TFE_OpAddInput(op, this.#handle(inputIds[i]), this.#status);
        if (c.TF_GetCode(this.#status) !== 0) throw this.#failure(name);
      }
      for (let i = 0; i < attributes.length; i++) {
        setAttribute(c, op, this.#names, attributes[i], this.#status);
      }
      if (outputCount > MAX_OUTPUTS) {
        throw new RangeError(
          `Cannot run ${name} with ${outputCount} outputs: at most ${MAX_OUTPUTS}`,
        );
      }
      this.#outputCount[0] = outputCount;
      c.TFE_Execute(op, this.#outputs, this.#outputCount, this.#status);
      if (c.TF_GetCode(this.#status) !== 0) throw this.#failure(name);
      return this.#takeOutputs();
    } finally {
      if (op !== null) c.TFE_DeleteOp(op);
      if (this.#passing.length > 0) this.#freePassing(inputIds);
    }
  }

  isUsingGpuDevice(): boolean {
    return this.#device.isGpu;
  }

  /** Tensors that TensorFlow holds for us. */
  getNumOfTensors(): number {
    return this.#handles.size;
  }

  getNumOfSavedModels(): number {
    return 0;
  }

  #createStrings(shape: number[], values: TensorValues): number {
    return withStrings(this.#c, this.#status, shape, values, (handle) => {
      const id = this.#keep(handle);
      try {
        const type = { name: "T", type: TF_AttrType.TYPE, value: TF_DataType.STRING };
        return this.executeOp("DeepCopy", [type], [id], 1)[0].id;
      } finally {
        this.deleteTensor(id);
      }
    });
  }

  #takeOutputs(): OutputMetadata[] {
    const c = this.#c;
    const outputs: OutputMetadata[] = [];
    for (let i = 0; i < this.#outputCount[0]; i++) {
      const handle = Deno.UnsafePointer.create(this.#outputs[i])!;
      const rank = c.TFE_TensorHandleNumDims(handle, this.#status);
      const shape: number[] = new Array(rank);
      for (let axis = 0; axis < rank; axis++) {
        shape[axis] = Number(c.TFE_TensorHandleDim(handle, axis, this.#status));
      }
      outputs.push({ id: this.#keep(handle), shape, dtype: c.TFE_TensorHandleDataType(handle) });
    }
    return outputs;
  }

  #freePassing(inputIds: number[]): void {
    for (let i = this.#passing.length - 1; i >= 0; i--) {
      if (!inputIds.includes(this.#passing[i])) continue;
      this.deleteTensor(this.#passing[i]);
      this.#passing.splice(i, 1);
    }
  }

  #keep(handle: Pointer): number {
    this.#handles.set(this.#nextId, handle);
    return this.#nextId++;
  }

  #handle(id: number): Pointer {
    const handle = this.#handles.get(id);
    if (handle === undefined) {
      throw new Error(`Cannot find tensor ${id}: it was deleted or never made`);
    }
    return handle;
  }

  /** What the last call left in the status. */
  #failure(what: string): Error {
    const message = textAt(this.#c.TF_Message(this.#status));
    return failureOf(`run ${what}`, this.#c.TF_GetCode(this.#status), message, this.#device.isGpu);
  }
}

const MAX_OUTPUTS = 64;
