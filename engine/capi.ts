/** An output of an operation in a graph, passed by value: the operation and the output's index. */
const TF_Output = { struct: ["pointer", "i32"] } as const;

/** What sets an attribute, by its value: that of an eager operation, or of one of a graph. */
const SET = {
  string: { parameters: ["pointer", "pointer", "buffer", "usize"], result: "void" },
  int: { parameters: ["pointer", "pointer", "i64"], result: "void" },
  float: { parameters: ["pointer", "pointer", "f32"], result: "void" },
  bool: { parameters: ["pointer", "pointer", "u8"], result: "void" },
  type: { parameters: ["pointer", "pointer", "i32"], result: "void" },
  strings: { parameters: ["pointer", "pointer", "buffer", "buffer", "i32"], result: "void" },
  list: { parameters: ["pointer", "pointer", "buffer", "i32"], result: "void" },
} as const;

/**
 * The part of TensorFlow's C API that the binding calls (tensorflow/c/c_api.h, tf_tensor.h,
 * tf_tstring.h and eager/c_api.h, stable since TensorFlow 2.5). `memcpy` comes with it: a lookup in
 * a library also searches the libraries that it needs, and all of them need the C library.
 */
export const SYMBOLS = {
  memcpy: { parameters: ["pointer", "buffer", "usize"], result: "pointer" },

  TF_Version: { parameters: [], result: "pointer" },
  TF_NewStatus: { parameters: [], result: "pointer" },
  TF_DeleteStatus: { parameters: ["pointer"], result: "void" },
  TF_GetCode: { parameters: ["pointer"], result: "i32" },
  TF_Message: { parameters: ["pointer"], result: "pointer" },

  TF_AllocateTensor: { parameters: ["i32", "buffer", "i32", "usize"], result: "pointer" },
  TF_DeleteTensor: { parameters: ["pointer"], result: "void" },
  TF_TensorData: { parameters: ["pointer"], result: "pointer" },
  TF_TensorByteSize: { parameters: ["pointer"], result: "usize" },

  TF_StringInit: { parameters: ["pointer"], result: "void" },
  TF_StringCopy: { parameters: ["pointer", "buffer", "usize"], result: "void" },
  TF_StringGetDataPointer: { parameters: ["pointer"], result: "pointer" },
  TF_StringGetSize: { parameters: ["pointer"], result: "usize" },
  TF_StringDealloc: { parameters: ["pointer"], result: "void" },

  TFE_NewContextOptions: { parameters: [], result: "pointer" },
  TFE_ContextOptionsSetConfig: {
    parameters: ["pointer", "buffer", "usize", "pointer"],
    result: "void",
  },
  TFE_DeleteContextOptions: { parameters: ["pointer"], result: "void" },
  TFE_NewContext: { parameters: ["pointer", "pointer"], result: "pointer" },
  TFE_ContextListDevices: { parameters: ["pointer", "pointer"], result: "pointer" },
  TF_DeleteDeviceList: { parameters: ["pointer"], result: "void" },
  TF_DeviceListCount: { parameters: ["pointer"], result: "i32" },
  TF_DeviceListName: { parameters: ["pointer", "i32", "pointer"], result: "pointer" },
  TF_DeviceListType: { parameters: ["pointer", "i32", "pointer"], result: "pointer" },

  TFE_NewTensorHandle: { parameters: ["pointer", "pointer"], result: "pointer" },
  TFE_DeleteTensorHandle: { parameters: ["pointer"], result: "void" },
  TFE_TensorHandleDataType: { parameters: ["pointer"], result: "i32" },
  TFE_TensorHandleNumDims: { parameters: ["pointer", "pointer"], result: "i32" },
  TFE_TensorHandleDim: { parameters: ["pointer", "i32", "pointer"], result: "i64" },
  TFE_TensorHandleResolve: { parameters: ["pointer", "pointer"], result: "pointer" },
  TFE_TensorHandleCopyToDevice: {
    parameters: ["pointer", "pointer", "buffer", "pointer"],
    result: "pointer",
  },

  TFE_NewOp: { parameters: ["pointer", "pointer", "pointer"], result: "pointer" },
  TFE_DeleteOp: { parameters: ["pointer"], result: "void" },
  TFE_OpAddInput: { parameters: ["pointer", "pointer", "pointer"], result: "void" },
  TFE_OpGetAttrType: { parameters: ["pointer", "pointer", "buffer", "pointer"], result: "i32" },
  TFE_OpSetAttrString: SET.string,
  TFE_OpSetAttrInt: SET.int,
  TFE_OpSetAttrFloat: SET.float,
  TFE_OpSetAttrBool: SET.bool,
  TFE_OpSetAttrType: SET.type,
  TFE_OpSetAttrShape: {
    parameters: ["pointer", "pointer", "buffer", "i32", "pointer"],
    result: "void",
  },
  TFE_OpSetAttrStringList: SET.strings,
  TFE_OpSetAttrIntList: SET.list,
  TFE_OpSetAttrFloatList: SET.list,
  TFE_OpSetAttrBoolList: SET.list,
  TFE_OpSetAttrTypeList: SET.list,
  TFE_Execute: { parameters: ["pointer", "buffer", "buffer", "pointer"], result: "void" },

  TF_NewGraph: { parameters: [], result: "pointer" },
  TF_DeleteGraph: { parameters: ["pointer"], result: "void" },
  TF_NewOperation: { parameters: ["pointer", "pointer", "buffer"], result: "pointer" },
  TF_AddInput: { parameters: ["pointer", TF_Output], result: "void" },
  TF_AddInputList: { parameters: ["pointer", "buffer", "i32"], result: "void" },
  TF_SetAttrString: SET.string,
  TF_SetAttrInt: SET.int,
  TF_SetAttrFloat: SET.float,
  TF_SetAttrBool: SET.bool,
  TF_SetAttrType: SET.type,
  TF_SetAttrShape: { parameters: ["pointer", "pointer", "buffer", "i32"], result: "void" },
  TF_SetAttrStringList: SET.strings,
  TF_SetAttrIntList: SET.list,
  TF_SetAttrFloatList: SET.list,
  TF_SetAttrBoolList: SET.list,
  TF_SetAttrTypeList: SET.list,
  TF_SetAttrTensor: { parameters: ["pointer", "pointer", "pointer", "pointer"], result: "void" },
  TF_FinishOperation: { parameters: ["pointer", "pointer"], result: "pointer" },
  TF_OperationOutputType: { parameters: [TF_Output], result: "i32" },
  TF_GraphGetTensorNumDims: { parameters: ["pointer", TF_Output, "pointer"], result: "i32" },
  TF_GraphGetTensorShape: {
    parameters: ["pointer", TF_Output, "buffer", "i32", "pointer"],
    result: "void",
  },
  TF_GraphToFunction: {
    parameters: [
      "pointer", // graph
      "buffer", // name
      "u8", // whether a hash goes behind the name
      "i32", // operations; -1: all
      "pointer",
      "i32", // inputs
      "buffer",
      "i32", // outputs
      "buffer",
      "pointer", // names of the outputs
      "pointer", // options
      "pointer", // description
      "pointer", // status
    ],
    result: "pointer",
  },
  TF_DeleteFunction: { parameters: ["pointer"], result: "void" },
  TFE_ContextAddFunction: { parameters: ["pointer", "pointer", "pointer"], result: "void" },
  TFE_ContextRemoveFunction: { parameters: ["pointer", "buffer", "pointer"], result: "void" },
} as const satisfies Deno.ForeignLibraryInterface;

/** TensorFlow's C functions. */
export type CApi = Deno.DynamicLibrary<typeof SYMBOLS>["symbols"];

/** A pointer to something of TensorFlow's. */
export type Pointer = Deno.PointerObject;

/** Element types (tensorflow/c/tf_datatype.h). */
export const TF_DataType = {
  FLOAT: 1,
  INT32: 3,
  UINT8: 4,
  STRING: 7,
  COMPLEX64: 8,
  INT64: 9,
  BOOL: 10,
  BFLOAT16: 14,
  HALF: 19,
  RESOURCE: 20,
} as const;

/** Types of an operation's attribute (tensorflow/c/tf_attrtype.h). */
export const TF_AttrType = {
  STRING: 0,
  INT: 1,
  FLOAT: 2,
  BOOL: 3,
  TYPE: 4,
  SHAPE: 5,
  /** Not in TensorFlow's list; the interface of the kernels asks for it and none of them uses it. */
  RESOURCE: 8,
} as const;

/** The text at a C string. */
export function textAt(pointer: Deno.PointerValue): string {
  return pointer === null ? "" : Deno.UnsafePointerView.getCString(pointer);
}

/** A text as C reads it: UTF-8 with a zero at the end, in memory that does not move. */
export function cString(text: string): Uint8Array<ArrayBuffer> {
  const bytes = new TextEncoder().encode(text);
  const zeroed = new Uint8Array(new ArrayBuffer(bytes.length + 1));
  zeroed.set(bytes);
  return zeroed;
}
