import { type CApi, type Pointer, textAt, TF_AttrType } from "./capi.ts";
import type { NamePool } from "./names.ts";

/** An attribute of an operation, as TensorFlow.js's kernels write it. */
export interface OpAttribute {
  name: string;
  /** A value of {@linkcode TF_AttrType}. */
  type: number;
  value: unknown;
}

/** The C functions that attributes are set by: those of eager operations, or others like them. */
export type AttributeSetters = Pick<
  CApi,
  Extract<keyof CApi, `TFE_OpSetAttr${string}` | "TFE_OpGetAttrType" | "TF_GetCode" | "TF_Message">
>;

/**
 * Sets one attribute of an operation; a list of values sets a list.
 * @throws {TypeError} if its value is not of its type.
 */
export function setAttribute(
  c: AttributeSetters,
  op: Pointer,
  names: NamePool,
  attribute: OpAttribute,
  status: Pointer,
): void {
  const name = names.pointer(attribute.name);
  const { type, value } = attribute;
  if (Array.isArray(value) && type !== TF_AttrType.SHAPE) checkList(c, op, name, attribute, status);
  switch (type) {
    case TF_AttrType.TYPE:
      if (typeof value === "number") return c.TFE_OpSetAttrType(op, name, value);
      if (isNumbers(value)) {
        return c.TFE_OpSetAttrTypeList(op, name, Int32Array.from(value), value.length);
      }
      break;
    case TF_AttrType.INT:
      if (typeof value === "number") return c.TFE_OpSetAttrInt(op, name, int64(value));
      if (isNumbers(value)) {
        return c.TFE_OpSetAttrIntList(op, name, int64s(value), value.length);
      }
      break;
    case TF_AttrType.BOOL:
      if (typeof value === "boolean") return c.TFE_OpSetAttrBool(op, name, value ? 1 : 0);
      if (Array.isArray(value) && value.every((item) => typeof item === "boolean")) {
        return c.TFE_OpSetAttrBoolList(
          op,
          name,
          Uint8Array.from(value, (item) => item ? 1 : 0),
          value.length,
        );
      }
      break;
    case TF_AttrType.FLOAT:
      if (typeof value === "number") return c.TFE_OpSetAttrFloat(op, name, value);
      if (isNumbers(value)) {
        return c.TFE_OpSetAttrFloatList(op, name, Float32Array.from(value), value.length);
      }
      break;
    case TF_AttrType.STRING:
      if (typeof value === "string") {
        const bytes = encoder.encode(value);
        return c.TFE_OpSetAttrString(op, name, bytes, BigInt(bytes.length));
      }
      if (Array.isArray(value) && value.every((item) => typeof item === "string")) {
        return setStringList(c, op, name, names, value);
      }
      break;
    case TF_AttrType.SHAPE:
      if (isNumbers(value)) {
        c.TFE_OpSetAttrShape(op, name, int64s(value), value.length, status);
        if (c.TF_GetCode(status) === 0) return;
        throw new TypeError(
          `Cannot set attribute ${attribute.name}: ${textAt(c.TF_Message(status))}`,
        );
      }
      break;
  }
  throw new TypeError(
    `Cannot set attribute ${attribute.name} to ${
      JSON.stringify(value)
    }: not a value of type ${type}`,
  );
}

/** Refuses a list where the operation wants one value: TensorFlow would say nothing and drop it. */
function checkList(
  c: AttributeSetters,
  op: Pointer,
  name: Pointer,
  attribute: OpAttribute,
  status: Pointer,
): void {
  c.TFE_OpGetAttrType(op, name, isList, status);
  // A name that the operation does not have is an error when it runs.
  if (c.TF_GetCode(status) === 0 && isList[0] === 0) {
    throw new TypeError(`Cannot set attribute ${attribute.name} to a list: it takes one value`);
  }
}

const isList = new Uint8Array(new ArrayBuffer(1));

const encoder = new TextEncoder();

function isNumbers(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((item) => typeof item === "number");
}

/** Cuts off what is behind the point: seeds come as any number. */
function int64(value: number): bigint {
  return BigInt(Math.trunc(value));
}

function int64s(values: number[]): BigInt64Array<ArrayBuffer> {
  return BigInt64Array.from(values, int64);
}

function setStringList(
  c: AttributeSetters,
  op: Pointer,
  name: Pointer,
  names: NamePool,
  values: string[],
): void {
  // The texts lie in memory that the pool holds: an address alone would not keep them there.
  const starts = BigUint64Array.from(
    values,
    (text) => Deno.UnsafePointer.value(names.pointer(text)),
  );
  const lengths = BigUint64Array.from(values, (text) => BigInt(encoder.encode(text).length));
  c.TFE_OpSetAttrStringList(op, name, starts, lengths, values.length);
}
