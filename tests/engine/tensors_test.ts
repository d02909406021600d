import assert from "node:assert/strict";
import { type CApi, cString, type Pointer, TF_DataType } from "../../engine/capi.ts";
import { createHandle } from "../../engine/tensors.ts";

Deno.test("a tensor that gets no handle is freed", () => {
  const pointer = () => Deno.UnsafePointer.of(new Uint8Array(new ArrayBuffer(8)))!;
  const [tensor, status, message] = [pointer(), pointer(), cString("no device")];
  const freed: Deno.PointerValue[] = [];
  const c: Partial<CApi> = {
    TF_AllocateTensor: () => tensor,
    TF_TensorData: () => tensor,
    memcpy: () => tensor,
    TFE_NewTensorHandle: () => null,
    TF_Message: () => Deno.UnsafePointer.of(message),
    TF_DeleteTensor: (pointer) => void freed.push(pointer),
  };
  const make = (status: Pointer) =>
    createHandle(c as CApi, status, [2], TF_DataType.FLOAT, new Float32Array(2));
  assert.throws(() => make(status), { message: "Cannot make a tensor: no device" });
  assert.deepEqual(freed.length, 1);
  assert.ok(Deno.UnsafePointer.equals(freed[0], tensor));
});
