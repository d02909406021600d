import { TF_AttrType, TF_DataType } from "./capi.ts";

/** TensorFlow's numbers that the kernels of TensorFlow.js read from a binding. */
export class BindingConstants {
  readonly TF_FLOAT = TF_DataType.FLOAT;
  readonly TF_INT32 = TF_DataType.INT32;
  readonly TF_INT64 = TF_DataType.INT64;
  readonly TF_BOOL = TF_DataType.BOOL;
  readonly TF_COMPLEX64 = TF_DataType.COMPLEX64;
  readonly TF_STRING = TF_DataType.STRING;
  readonly TF_RESOURCE = TF_DataType.RESOURCE;
  readonly TF_UINT8 = TF_DataType.UINT8;
  readonly TF_ATTR_STRING = TF_AttrType.STRING;
  readonly TF_ATTR_INT = TF_AttrType.INT;
  readonly TF_ATTR_FLOAT = TF_AttrType.FLOAT;
  readonly TF_ATTR_BOOL = TF_AttrType.BOOL;
  readonly TF_ATTR_TYPE = TF_AttrType.TYPE;
  readonly TF_ATTR_SHAPE = TF_AttrType.SHAPE;
  readonly TF_ATTR_RESOURCE = TF_AttrType.RESOURCE;
}
