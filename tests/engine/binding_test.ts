import assert from "node:assert/strict";
import { openEngine } from "../../engine/open.ts";
import { hasRawOps, rawOp, rawOps } from "../../engine/raw.ts";
import { openBinding } from "../../engine/tensorflow.ts";
import { tf } from "../../engine/tf.ts";
import { wheelOfThisPlatform } from "../../engine/wheel.ts";

const ignore = wheelOfThisPlatform() === undefined;
if (!ignore) await openEngine({ name: "tensorflow" });
const binding = openBinding()!;

/** A test that also checks that no tensor is left behind, here or in TensorFlow. */
function test(name: string, fn: () => void | Promise<void>): void {
  Deno.test({
    name,
    ignore,
    async fn() {
      const before = [tf.memory().numTensors, binding.getNumOfTensors()];
      tf.engine().startScope();
      await fn();
      tf.engine().endScope();
      assert.deepEqual([tf.memory().numTensors, binding.getNumOfTensors()], before);
    },
  });
}

test("numbers of every type come back as they were written", () => {
  const cases: [tf.DataType, number[]][] = [
    ["float32", [1.5, -2, 3.0000001e8, 0]],
    ["int32", [-2147483648, 2147483647, 0, 7]],
    ["bool", [1, 0, 0, 1]],
  ];
  for (const [dtype, values] of cases) {
    const x = tf.tensor(values, [2, 2], dtype).reshape([4]); // through TensorFlow, not the buffer
    assert.deepEqual(
      Array.from(x.dataSync()),
      values.map((value) => dtype === "float32" ? Math.fround(value) : value),
    );
  }
});

test("complex numbers keep their parts", () => {
  const z = tf.complex([1, 2], [3, 4]);
  const w = tf.mul(z, z); // (1 + 3i)² = -8 + 6i, (2 + 4i)² = -12 + 16i
  assert.deepEqual(Array.from(tf.real(w).dataSync()), [-8, -12]);
  assert.deepEqual(Array.from(tf.imag(w).dataSync()), [6, 16]);
});

test("strings come back, short and long, also after what they were made from is gone", () => {
  const texts = ["", "ViT", "class token and then the patches, row by row", "Bild Nº 1"];
  const made = tf.tensor(texts);
  const reshaped = made.reshape([2, 2]);
  made.dispose();
  assert.deepEqual(reshaped.dataSync<"string">(), texts);
});

test("empty tensors are there", () => {
  const x = tf.zeros([0, 3]).add(1);
  assert.deepEqual(x.shape, [0, 3]);
  assert.equal(x.dataSync().length, 0);
});

test("a change of what a tensor was made from does not change the tensor", () => {
  const values = new Float32Array([1, 2, 3]);
  const id = binding.createTensor([3], binding.TF_FLOAT, values);
  values[0] = 100;
  assert.deepEqual(binding.tensorDataSync(id), new Float32Array([1, 2, 3]));
  binding.deleteTensor(id);
});

test("an int64 scalar is freed after the operation that it is for", () => {
  const two = binding.createTensor([], binding.TF_INT64, new Int32Array([-2, -1]));
  const attributes = [
    { name: "SrcT", type: binding.TF_ATTR_TYPE, value: binding.TF_INT64 },
    { name: "DstT", type: binding.TF_ATTR_TYPE, value: binding.TF_INT32 },
  ];
  const [output] = binding.executeOp("Cast", attributes, [two], 1);
  assert.deepEqual(binding.tensorDataSync(output.id), new Int32Array([-2]));
  assert.throws(() => binding.tensorDataSync(two), /Cannot find tensor/);
  binding.deleteTensor(output.id);
});

test("an operation that fails throws TensorFlow's sentence", () => {
  const x = tf.ones([2, 3]);
  assert.throws(
    () => rawOp("MatMul", { T: { type: "float32" } }, [x, x]),
    /^Error: Cannot run MatMul: Matrix size-incompatible: In\[0\]: \[2,3\], In\[1\]: \[2,3\]/,
  );
});

test("an operation that TensorFlow does not have is an error", () => {
  assert.throws(() => rawOp("NoSuchOp", {}, []), /Cannot run NoSuchOp/);
});

test("an attribute of the wrong type is an error", () => {
  const attribute = { name: "T", type: binding.TF_ATTR_FLOAT, value: "float32" };
  assert.throws(
    () => binding.executeOp("Neg", [attribute], [], 1),
    /Cannot set attribute T to "float32": not a value of type 2/,
  );
});

test("values that do not fit the shape are an error", () => {
  assert.throws(
    () => binding.createTensor([2, 2], binding.TF_FLOAT, new Float32Array(3)),
    /Cannot make a tensor \[2,2\] of float32 from 3 values: it takes 4/,
  );
});

test("lists of integers, texts and types reach the operation", () => {
  const x = tf.tensor4d([1, 2, 3, 4], [1, 2, 2, 1]);
  const pooled = rawOp("MaxPool", {
    T: { type: "float32" },
    ksize: { int: [1, 2, 2, 1] },
    strides: { int: [1, 1, 1, 1] },
    padding: "VALID",
    data_format: "NHWC",
  }, [x]);
  assert.deepEqual(Array.from(pooled.dataSync()), [4]);

  const a = tf.tensor2d([[1, -2], [3, 4]]);
  const bias = tf.tensor1d([-1, 1]);
  const fused = rawOp("_FusedMatMul", {
    T: { type: "float32" },
    num_args: { int: 1 },
    fused_ops: ["BiasAdd", "Relu"],
  }, [a, a, bias]);
  // [[1, -2], [3, 4]]² = [[-5, -10], [15, 10]]; plus the bias; negative ones to zero.
  assert.deepEqual(Array.from(fused.dataSync()), [0, 0, 14, 11]);

  const [same, count] = rawOps("IdentityN", { T: { type: ["float32", "int32"] } }, [
    a,
    tf.scalar(5, "int32"),
  ], 2);
  assert.deepEqual(Array.from(same.dataSync()), [1, -2, 3, 4]);
  assert.deepEqual(Array.from(count.dataSync()), [5]);
});

test("a shape reaches the operation", () => {
  const x = rawOp("EnsureShape", {
    T: { type: "float32" },
    shape: { shape: [2, 2] },
  }, [tf.ones([2, 2])]);
  assert.deepEqual(x.shape, [2, 2]);
});

test("a batched product takes its second factor transposed", () => {
  const q = tf.tensor3d([[[1, 2], [3, 4]]]);
  const k = tf.tensor3d([[[5, 6], [7, 8]]]);
  const scores = rawOp("BatchMatMulV2", { T: { type: "float32" }, adj_y: true }, [q, k]);
  assert.deepEqual(Array.from(scores.dataSync()), [17, 23, 39, 53]); // q_i . k_j
});

test("rounding leaves whole numbers as they are", () => {
  assert.deepEqual(Array.from(tf.round(tf.tensor1d([-7, 0, 9], "int32")).dataSync()), [-7, 0, 9]);
  assert.deepEqual(Array.from(tf.round(tf.tensor1d([2.5, -1.2])).dataSync()), [2, -1]);
});

test("a training step leaves nothing behind", () => {
  const weights = tf.variable(tf.tensor2d([[0.5], [-0.5]]));
  const x = tf.tensor2d([[1, 2], [3, 4]]);
  const { value, grads } = tf.variableGrads(() => x.matMul(weights).square().mean<tf.Scalar>());
  // y = [-0.5, -0.5]; d mean(y²) / d weights = x^T (2 y / 2) = [-2, -3].
  assert.equal(value.dataSync()[0], 0.25);
  assert.deepEqual(Array.from(grads[weights.name].dataSync()), [-2, -3]);
  tf.dispose([value, grads]);
  weights.dispose();
});

test("operations can be run by name", () => assert.equal(hasRawOps(), true));
