import { type CApi, type Pointer, textAt, TF_DataType } from "./capi.ts";

/** What the kernels of TensorFlow.js accept as the values of a tensor. */
export type TensorValues = Float32Array | Float16Array | Int32Array | Uint8Array | Uint8Array[];

/** sizeof(TF_TString). */
const STRING_BYTES = 24;

/** What values of an element type look like in JavaScript, and how many make one element. */
const ARRAYS: Record<number, { array: NumericArray; perElement: number; name: string }> = {
  [TF_DataType.FLOAT]: { array: Float32Array, perElement: 1, name: "float32" },
  [TF_DataType.HALF]: { array: Float16Array, perElement: 1, name: "float16" },
  [TF_DataType.INT32]: { array: Int32Array, perElement: 1, name: "int32" },
  [TF_DataType.BOOL]: { array: Uint8Array, perElement: 1, name: "bool" },
  [TF_DataType.UINT8]: { array: Uint8Array, perElement: 1, name: "uint8" },
  [TF_DataType.COMPLEX64]: { array: Float32Array, perElement: 2, name: "complex64" },
  [TF_DataType.INT64]: { array: Int32Array, perElement: 2, name: "int64" },
};

type NumericArray =
  | Float32ArrayConstructor
  | Float16ArrayConstructor
  | Int32ArrayConstructor
  | Uint8ArrayConstructor;

/**
 * Makes a tensor of numbers and copies values into it. The memory is TensorFlow's own: a JavaScript buffer may
 * be moved or freed under a tensor that shares it.
 *
 * @throws {Error} if shape, type and values do not agree.
 */
export function createTensor(
  c: CApi,
  shape: number[],
  dtype: number,
  values: TensorValues,
): Pointer {
  const size = sizeOf(shape);
  const kind = ARRAYS[dtype];
  if (!kind) throw new Error(`Cannot make a tensor of TensorFlow's type ${dtype}`);
  if (!(values instanceof kind.array)) {
    throw new Error(
      `Cannot make a tensor of ${kind.name}: its values must be a ${kind.array.name}`,
    );
  }
  if (values.length !== size * kind.perElement) {
    throw new Error(
      `Cannot make a tensor [${shape}] of ${kind.name} from ${values.length} values: ` +
        `it takes ${size * kind.perElement}`,
    );
  }
  const tensor = allocate(c, dtype, shape, values.byteLength);
  if (values.byteLength > 0) {
    c.memcpy(
      c.TF_TensorData(tensor),
      values as Uint8Array<ArrayBuffer>,
      BigInt(values.byteLength),
    );
  }
  return tensor;
}

/** {@linkcode createTensor} as operations take it. */
export function createHandle(
  c: CApi,
  status: Pointer,
  shape: number[],
  dtype: number,
  values: TensorValues,
): Pointer {
  const tensor = createTensor(c, shape, dtype, values);
  try {
    return newHandle(c, status, tensor);
  } finally {
    c.TF_DeleteTensor(tensor); // a handle shares its memory and keeps that
  }
}

/**
 * Copies a tensor's values out.
 *
 * @returns An array of the element type; int64 as BigInt64Array, strings as an array of their
 * bytes, a resource as its bytes.
 */
export function readHandle(
  c: CApi,
  status: Pointer,
  handle: Pointer,
): Float32Array | Float16Array | Int32Array | Uint8Array | BigInt64Array | Uint8Array[] {
  const dtype = c.TFE_TensorHandleDataType(handle);
  const tensor = c.TFE_TensorHandleResolve(handle, status);
  if (tensor === null) throw new Error(`Cannot read a tensor: ${textAt(c.TF_Message(status))}`);
  try {
    const data = c.TF_TensorData(tensor);
    const byteSize = Number(c.TF_TensorByteSize(tensor));
    if (dtype === TF_DataType.STRING) return readStrings(c, data, byteSize / STRING_BYTES);
    const bytes = new ArrayBuffer(byteSize);
    if (data !== null && byteSize > 0) Deno.UnsafePointerView.copyInto(data, new Uint8Array(bytes));
    if (dtype === TF_DataType.INT64) return new BigInt64Array(bytes);
    if (dtype === TF_DataType.RESOURCE) return new Uint8Array(bytes);
    const kind = ARRAYS[dtype];
    if (!kind) throw new Error(`Cannot read a tensor of TensorFlow's type ${dtype}: cast it first`);
    return new kind.array(bytes);
  } finally {
    c.TF_DeleteTensor(tensor);
  }
}

/**
 * Makes a tensor of strings for `use` to copy, and frees it. The strings of a tensor that comes
 * from outside are not TensorFlow's to free, and whether an operation's output shares them is not
 * ours to know: only a copy that TensorFlow has made goes with its last user.
 *
 * @throws {Error} if shape and values do not agree.
 */
export function withStrings<T>(
  c: CApi,
  status: Pointer,
  shape: number[],
  values: TensorValues,
  use: (handle: Pointer) => T,
): T {
  const size = sizeOf(shape);
  if (!Array.isArray(values) || values.length !== size) {
    throw new Error(`Cannot make a tensor [${shape}] of strings: it takes ${size} byte strings`);
  }
  const tensor = allocate(c, TF_DataType.STRING, shape, size * STRING_BYTES);
  const first = size > 0 ? c.TF_TensorData(tensor) : null;
  const places = values.map((_, i) => Deno.UnsafePointer.offset(first!, i * STRING_BYTES));
  places.forEach((place, i) => {
    c.TF_StringInit(place);
    c.TF_StringCopy(place, Uint8Array.from(values[i]), BigInt(values[i].length));
  });
  try {
    return use(newHandle(c, status, tensor));
  } finally {
    for (const place of places) c.TF_StringDealloc(place);
    c.TF_DeleteTensor(tensor);
  }
}

function allocate(c: CApi, dtype: number, shape: number[], bytes: number): Pointer {
  const dimensions = BigInt64Array.from(shape, BigInt);
  const tensor = c.TF_AllocateTensor(dtype, dimensions, shape.length, BigInt(bytes));
  if (tensor === null) {
    throw new Error(`Cannot make a tensor [${shape}]: no memory for ${bytes} bytes`);
  }
  return tensor;
}

function newHandle(c: CApi, status: Pointer, tensor: Pointer): Pointer {
  const handle = c.TFE_NewTensorHandle(tensor, status);
  if (handle === null) throw new Error(`Cannot make a tensor: ${textAt(c.TF_Message(status))}`);
  return handle;
}

function sizeOf(shape: number[]): number {
  return shape.reduce((product, length) => product * length, 1);
}

function readStrings(c: CApi, data: Deno.PointerValue, count: number): Uint8Array[] {
  const strings: Uint8Array[] = [];
  for (let i = 0; i < count; i++) {
    const place = Deno.UnsafePointer.offset(data!, i * STRING_BYTES);
    const bytes = new Uint8Array(Number(c.TF_StringGetSize(place)));
    const text = c.TF_StringGetDataPointer(place);
    if (text !== null && bytes.length > 0) Deno.UnsafePointerView.copyInto(text, bytes);
    strings.push(bytes);
  }
  return strings;
}
