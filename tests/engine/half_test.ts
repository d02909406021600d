import { deepEqual, equal } from "node:assert/strict";
import { tensorOfFloats } from "../../engine/half.ts";
import { openEngine } from "../../engine/open.ts";
import { openBinding } from "../../engine/tensorflow.ts";
import { tf } from "../../engine/tf.ts";
import { wheelOfThisPlatform } from "../../engine/wheel.ts";

/** Every number of 16 bits: sign, 5 bits of exponent, 10 of fraction. */
const HALVES = new Float16Array(Uint16Array.from({ length: 65536 }, (_, i) => i).buffer);

/** What the bits say (IEEE 754-2019, 3.4). */
function valueOf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const [exponent, fraction] = [(bits >> 10) & 31, bits & 1023];
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

const ignore = wheelOfThisPlatform() === undefined;
if (!ignore) await openEngine({ name: "tensorflow" });

Deno.test(
  "every number of 16 bits is widened exactly, and nothing is left behind",
  { ignore },
  () => {
    const held = () => [tf.memory().numTensors, openBinding()!.getNumOfTensors()];
    const before = held();
    const wide = tensorOfFloats(HALVES, [256, 256]);
    deepEqual([wide.dtype, wide.shape], ["float32", [256, 256]]);
    equal(wide.dataSync().findIndex((value, bits) => !Object.is(value, valueOf(bits))), -1);
    const plain = tensorOfFloats(Float32Array.of(1.5, -0), [2]);
    deepEqual([...plain.dataSync()], [1.5, -0]);
    tf.dispose([wide, plain]);
    deepEqual(held(), before);
  },
);
