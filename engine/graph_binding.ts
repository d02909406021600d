import { type AttributeSetters, type OpAttribute, setAttribute } from "./attributes.ts";
import type { OutputMetadata } from "./binding.ts";
import { BindingConstants } from "./binding_constants.ts";
import { type CApi, cString, type Pointer, textAt, TF_AttrType } from "./capi.ts";
import { NamePool } from "./names.ts";
import { createTensor, type TensorValues } from "./tensors.ts";

/** sizeof(TF_Output): a pointer, an int, and what makes the pointers of an array lie at multiples of 8. */
const OUTPUT_BYTES = 16;

/**
 * Stands in for the binding while a function is traced: what the kernels of TensorFlow.js would run
 * becomes an operation of a graph. Its tensors have shapes and types, and no values.
 */
export class GraphBinding extends BindingConstants {
  readonly #c: CApi;
  readonly #status: Pointer;
  readonly #graph: Pointer;
  readonly #setters: AttributeSetters;
  readonly #names = new NamePool();
  /** Outputs of operations, as TF_Output; a tensor's number counts from {@linkcode FIRST_ID}. */
  readonly #outputs: Uint8Array<ArrayBuffer>[] = [];
  readonly #inputs: Uint8Array<ArrayBuffer>[] = [];
  readonly #constants = new WeakSet<object>();
  #operations = 0;

  /** @param c TensorFlow's C functions. */
  constructor(c: CApi) {
    super();
    this.#c = c;
    this.#status = c.TF_NewStatus()!;
    this.#graph = c.TF_NewGraph()!;
    this.#setters = graphSetters(c);
  }

  /** A tensor that the function is given when it is called. */
  input(shape: number[], dtype: number): OutputMetadata {
    const attributes = [
      { name: "dtype", type: TF_AttrType.TYPE, value: dtype },
      { name: "shape", type: TF_AttrType.SHAPE, value: shape },
    ];
    const [made] = this.executeOp("Placeholder", attributes, [], 1);
    this.#inputs.push(this.#output(made.id));
    return made;
  }

  /** Lets values become a constant of the graph: those of a tensor that is made while it is traced. */
  allow(values: object): void {
    this.#constants.add(values);
  }

  /**
   * A constant of the graph. TensorFlow.js writes a tensor when an operation first reads it, so that
   * the values may be those of a tensor of others, which are no part of the function.
   * @throws {Error} if they are not allowed.
   */
  createTensor(shape: number[], dtype: number, values: TensorValues): number {
    // A kernel makes its int64 scalars itself.
    if (dtype !== this.TF_INT64 && !this.#constants.has(values)) throw notGiven();
    const tensor = createTensor(this.#c, shape, dtype, values);
    try {
      return this.#add("Const", 1, (operation) => {
        const type = { name: "dtype", type: TF_AttrType.TYPE, value: dtype };
        setAttribute(this.#setters, operation, this.#names, type, this.#status);
        const value = this.#names.pointer("value");
        this.#c.TF_SetAttrTensor(operation, value, tensor, this.#status);
        this.#check("Const");
      })[0].id;
    } finally {
      this.#c.TF_DeleteTensor(tensor);
    }
  }

  /** Tensors of the graph go with it. */
  deleteTensor(_id: number): void {}

  tensorDataSync(): never {
    throw new Error("Cannot read a tensor of a graph: it has no values");
  }

  /**
   * Adds an operation to the graph; as the binding's.
   * @throws {Error} with TensorFlow's message, or where an input is not the graph's.
   */
  executeOp(
    name: string,
    attributes: OpAttribute[],
    inputIds: number[],
    outputCount: number,
  ): OutputMetadata[] {
    return this.#add(name, outputCount, (operation) => {
      this.#addInputs(operation, attributes, inputIds);
      for (const attribute of attributes) {
        setAttribute(this.#setters, operation, this.#names, attribute, this.#status);
      }
    });
  }

  isUsingGpuDevice(): boolean {
    return false;
  }

  getNumOfTensors(): number {
    return 0;
  }

  getNumOfSavedModels(): number {
    return 0;
  }

  /**
   * Makes the graph a function that the context runs like an operation, with the inputs in the order
   * of {@linkcode GraphBinding.input}.
   * @param name Not yet one of the context's.
   * @param outputId Number of the tensor that it gives.
   */
  register(context: Pointer, name: string, outputId: number): void {
    const inputs = inOneArray(this.#inputs);
    const made = this.#c.TF_GraphToFunction(
      this.#graph,
      cString(name),
      0,
      -1,
      null,
      this.#inputs.length,
      inputs,
      1,
      this.#output(outputId),
      null,
      null,
      null,
      this.#status,
    );
    this.#check(name);
    this.#c.TFE_ContextAddFunction(context, made, this.#status);
    this.#c.TF_DeleteFunction(made); // the context has a copy
    this.#check(name);
  }

  [Symbol.dispose](): void {
    this.#c.TF_DeleteGraph(this.#graph);
    this.#c.TF_DeleteStatus(this.#status);
  }

  #add(name: string, outputCount: number, fill: (operation: Pointer) => void): OutputMetadata[] {
    const c = this.#c;
    const label = cString(`${name}_${this.#operations++}`);
    const description = c.TF_NewOperation(this.#graph, this.#names.pointer(name), label)!;
    fill(description);
    const operation = c.TF_FinishOperation(description, this.#status);
    this.#check(name);
    return Array.from({ length: outputCount }, (_, i) => this.#describe(operation!, i, name));
  }

  /** An eager operation is given a list's tensors one by one; one of a graph wants the list. */
  #addInputs(operation: Pointer, attributes: OpAttribute[], ids: number[]): void {
    const length = (name: string) =>
      attributes.find((attribute) => attribute.name === name)?.value as number | undefined;
    const [atStart, atEnd] = [length("N") ?? 0, length("num_args") ?? 0];
    const addList = (ids: number[]) => {
      if (ids.length === 0) return;
      const list = inOneArray(ids.map((id) => this.#output(id)));
      this.#c.TF_AddInputList(operation, list, ids.length);
    };
    addList(ids.slice(0, atStart));
    for (const id of ids.slice(atStart, ids.length - atEnd)) {
      this.#c.TF_AddInput(operation, this.#output(id));
    }
    addList(ids.slice(ids.length - atEnd));
  }

  #describe(operation: Pointer, index: number, name: string): OutputMetadata {
    const c = this.#c;
    const output = new Uint8Array(new ArrayBuffer(OUTPUT_BYTES));
    const view = new DataView(output.buffer);
    view.setBigUint64(0, Deno.UnsafePointer.value(operation), true);
    view.setInt32(8, index, true);
    const rank = c.TF_GraphGetTensorNumDims(this.#graph, output, this.#status);
    const sizes = new BigInt64Array(new ArrayBuffer(8 * Math.max(0, rank)));
    if (rank > 0) c.TF_GraphGetTensorShape(this.#graph, output, sizes, rank, this.#status);
    this.#check(name);
    if (rank < 0 || sizes.some((size) => size < 0)) {
      throw new Error(`Cannot trace ${name}: the shape of its result depends on values`);
    }
    this.#outputs.push(output);
    return {
      id: FIRST_ID + this.#outputs.length - 1,
      shape: Array.from(sizes, Number),
      dtype: c.TF_OperationOutputType(output),
    };
  }

  #output(id: number): Uint8Array<ArrayBuffer> {
    const output = this.#outputs[id - FIRST_ID];
    if (!output) throw notGiven();
    return output;
  }

  #check(name: string): void {
    if (this.#c.TF_GetCode(this.#status) === 0) return;
    throw new Error(`Cannot trace ${name}: ${textAt(this.#c.TF_Message(this.#status))}`);
  }
}

/**
 * Takes a function from the context that {@linkcode GraphBinding.register} gave it, and frees it with
 * all that running it has set up.
 * @throws {Error} if the context has none of that name.
 */
export function removeFunction(c: CApi, context: Pointer, name: string): void {
  const status = c.TF_NewStatus()!;
  try {
    c.TFE_ContextRemoveFunction(context, cString(name), status);
    if (c.TF_GetCode(status) === 0) return;
    throw new Error(`Cannot remove ${name}: ${textAt(c.TF_Message(status))}`);
  } finally {
    c.TF_DeleteStatus(status);
  }
}

/** No binding hands out so many numbers: a tensor of the graph is told from one with values. */
const FIRST_ID = 2 ** 48;

function notGiven(): Error {
  return new Error("Cannot trace a function that reads tensors it is not given");
}

function inOneArray(outputs: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const array = new Uint8Array(new ArrayBuffer(OUTPUT_BYTES * outputs.length));
  outputs.forEach((output, i) => array.set(output, i * OUTPUT_BYTES));
  return array;
}

/** Sets attributes of a graph's operation by the names that the functions for eager ones have. */
function graphSetters(c: CApi): AttributeSetters {
  return {
    TFE_OpSetAttrString: c.TF_SetAttrString,
    TFE_OpSetAttrInt: c.TF_SetAttrInt,
    TFE_OpSetAttrFloat: c.TF_SetAttrFloat,
    TFE_OpSetAttrBool: c.TF_SetAttrBool,
    TFE_OpSetAttrType: c.TF_SetAttrType,
    TFE_OpSetAttrShape: (operation, name, sizes, rank) =>
      c.TF_SetAttrShape(operation, name, sizes, rank),
    TFE_OpSetAttrStringList: c.TF_SetAttrStringList,
    TFE_OpSetAttrIntList: c.TF_SetAttrIntList,
    TFE_OpSetAttrFloatList: c.TF_SetAttrFloatList,
    TFE_OpSetAttrBoolList: c.TF_SetAttrBoolList,
    TFE_OpSetAttrTypeList: c.TF_SetAttrTypeList,
    // A list in place of one value is an error when the operation is finished.
    TFE_OpGetAttrType: () => 0,
    TF_GetCode: c.TF_GetCode,
    TF_Message: c.TF_Message,
  };
}
