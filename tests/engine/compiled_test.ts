import assert from "node:assert/strict";
import { compiled, untraced } from "../../engine/compiled.ts";
import { openEngine } from "../../engine/open.ts";
import { rawOp } from "../../engine/raw.ts";
import { openBinding } from "../../engine/tensorflow.ts";
import { tf } from "../../engine/tf.ts";
import { wheelOfThisPlatform } from "../../engine/wheel.ts";

const ignore = wheelOfThisPlatform() === undefined;
if (!ignore) await openEngine({ name: "tensorflow" });

/** A test that also checks that no tensor is left behind, here or in TensorFlow. */
function test(name: string, fn: () => void): void {
  Deno.test({
    name,
    ignore,
    fn() {
      const counts = () => [tf.memory().numTensors, openBinding()!.getNumOfTensors()];
      const before = counts();
      tf.tidy(fn);
      assert.deepEqual(counts(), before);
    },
  });
}

/** 2 x + [10, 20], its rows then joined with themselves: a constant, a list of inputs, two outputs. */
function compute([x]: readonly tf.Tensor[]): tf.Tensor {
  const moved = x.mul(2).add(tf.tensor1d([10, 20]));
  const [left, right] = tf.split(moved, 2, 1);
  return tf.concat([right, left, right], 1);
}

test("a compiled function computes what it is made of, for other values and shapes too", () => {
  for (
    const [given, expected] of [
      [[[1, 2]], [[24, 12, 24]]],
      [[[3, -1]], [[18, 16, 18]]],
      [[[0, 0], [1, 1]], [[20, 10, 20], [22, 12, 22]]],
    ]
  ) {
    const result = compiled("test: joined", [tf.tensor2d(given)], compute);
    assert.deepEqual(result.arraySync(), expected);
  }
});

test("it is run once for the same name and shapes", () => {
  let runs = 0;
  const square = ([x]: readonly tf.Tensor[]) => (runs++, x.square());
  for (const value of [3, 4]) {
    const result = compiled("test: square", [tf.tensor1d([value])], square);
    assert.deepEqual(result.arraySync(), [value ** 2]);
  }
  assert.equal(runs, 1);
});

test("the one used last of many is kept, others are freed and traced again when they are needed", () => {
  const runs: number[] = [];
  const doubled = (length: number) => {
    const result = compiled(
      "test: many",
      [tf.ones([length])],
      ([x]) => (runs.push(length), x.mul(2)),
    );
    assert.deepEqual([...result.dataSync()], new Array(length).fill(2));
  };
  const lengths = Array.from({ length: 100 }, (_, i) => i + 3);
  const label = ranBy(() => doubled(2)).findLast((name) => name.startsWith("compiled"))!;
  assert.deepEqual([...rawOp(label, {}, [tf.ones([2])]).dataSync()], [2, 2]);
  for (const length of lengths) tf.tidy(() => (doubled(1), doubled(length)));
  assert.throws(() => rawOp(label, {}, [tf.ones([2])]), new RegExp(label));
  doubled(2);
  doubled(1);
  assert.deepEqual(runs, [2, 1, ...lengths, 2]);
});

/** Names of the operations that TensorFlow is asked for meanwhile. */
function ranBy(run: () => void): string[] {
  const binding = openBinding()!;
  const names: string[] = [];
  const { executeOp } = binding;
  binding.executeOp = (name, ...rest) => (names.push(name), executeOp.call(binding, name, ...rest));
  try {
    run();
  } finally {
    binding.executeOp = executeOp;
  }
  return names;
}

test("what it computes depends on the name", () => {
  const x = tf.tensor1d([5]);
  assert.deepEqual(compiled("test: plus", [x], ([x]) => x.add(1)).arraySync(), [6]);
  assert.deepEqual(compiled("test: minus", [x], ([x]) => x.sub(1)).arraySync(), [4]);
});

test("operations run while a function is traced where it asks for that", () => {
  let seen: unknown;
  const result = compiled("test: untraced", [tf.tensor1d([1])], ([x]) => {
    seen = untraced(() => tf.tidy(() => tf.tensor1d([2]).add(3).arraySync()));
    return x.add(1);
  });
  assert.deepEqual([seen, result.arraySync()], [[5], [2]]);
});

test("a tensor that it is not given is refused, and so are values; then operations run again", () => {
  const [x, other] = [tf.tensor1d([1]).add(0), tf.tensor1d([2]).add(0)];
  const unread = tf.tensor1d([3]); // TensorFlow is given it when an operation reads it
  for (const foreign of [other, unread]) {
    assert.throws(
      () => compiled("test: other", [x], ([x]) => x.add(foreign)),
      /Cannot trace a function that reads tensors it is not given/,
    );
  }
  assert.throws(
    () => compiled("test: values", [x], ([x]) => tf.tensor(x.dataSync())),
    /Cannot read a tensor of a graph/,
  );
  assert.deepEqual(x.add(other).add(unread).arraySync(), [6]);
});

test("TensorFlow's reason is told where an operation can't be", () => {
  assert.throws(
    () =>
      compiled(
        "test: shapes",
        [tf.ones([2, 3])],
        ([x]) => tf.engine().runKernel("Tile", { x }, { reps: [-1, 1] }),
      ),
    /Cannot trace Tile/,
  );
});
