import { rawOp } from "../../engine/raw.ts";
import { tf } from "../../engine/tf.ts";

/** Number type that factors of matrix products are rounded to. */
export type Precision = "float32" | "bfloat16" | "float16";

let current: Precision = "float32";

/**
 * Has all matrix products of dense layers and attention that `compute` makes, those of gradients too,
 * in another precision: factors are rounded to it, and so is the product, which is float32 again. All
 * else stays in float32: softmax, norms, activation functions, sums, the loss. As PyTorch's autocast,
 * but that what lies between products is never kept in the low precision.
 *
 * Only on the engine `tensorflow`.
 */
export function inPrecision<T>(precision: Precision, compute: () => T): T {
  const before = current;
  current = precision;
  try {
    return compute();
  } finally {
    current = before;
  }
}

/** Whether products are now made in less than float32. */
export function isLowPrecision(): boolean {
  return current !== "float32";
}

/** Product of two matrices, or of stacks pair by pair, in the precision of {@linkcode inPrecision}. */
export function lowProduct<T extends tf.Tensor>(
  a: tf.Tensor,
  b: tf.Tensor,
  transpose: { readonly a?: boolean; readonly b?: boolean },
): T {
  return tf.tidy(() => {
    const [x, y] = [a, b].map((factor) => cast(factor, "float32", current));
    const [left, right] = [transpose.a ?? false, transpose.b ?? false];
    const T = { type: current } as const;
    const product = a.rank === 2
      ? rawOp("MatMul", { T, transpose_a: left, transpose_b: right }, [x, y])
      : rawOp("BatchMatMulV2", { T, adj_x: left, adj_y: right }, [x, y]);
    return cast(product, current, "float32") as T;
  });
}

function cast(x: tf.Tensor, from: Precision, to: Precision): tf.Tensor {
  return rawOp("Cast", { SrcT: { type: from }, DstT: { type: to } }, [x]);
}
