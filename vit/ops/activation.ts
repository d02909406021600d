import { tf } from "../../engine/tf.ts";
import type { HiddenAct } from "../model_config.ts";
import { differentiable } from "./define.ts";

/** A function of each number, with its slope. */
interface Activation {
  value(x: tf.Tensor): tf.Tensor;
  slope(x: tf.Tensor): tf.Tensor;
}

const ROOT_HALF = Math.SQRT1_2;
/** Density of the normal distribution at 0. */
const DENSITY = 1 / Math.sqrt(2 * Math.PI);
const ROOT_2_BY_PI = Math.sqrt(2 / Math.PI);

/** GELU: x times the normal distribution's share below x (Hendrycks and Gimpel 2016). */
const gelu: Activation = {
  value: (x) => x.mul(below(x)),
  slope: (x) => below(x).add(x.mul(x.square().mul(-0.5).exp()).mul(DENSITY)),
};

/** GELU's approximation with tanh (same paper). */
const geluTanh: Activation = {
  value: (x) => x.mul(0.5).mul(tanhPart(x).add(1)),
  slope(x) {
    const t = tanhPart(x);
    const inner = x.square().mul(3 * 0.044715).add(1).mul(ROOT_2_BY_PI);
    return t.add(1).add(x.mul(tf.scalar(1).sub(t.square())).mul(inner)).mul(0.5);
  },
};

const ACTIVATIONS: Record<HiddenAct, Activation> = {
  gelu,
  gelu_new: geluTanh,
  gelu_pytorch_tanh: geluTanh,
  quick_gelu: sigmoidGated(1.702),
  silu: sigmoidGated(1),
  relu: { value: (x) => x.relu(), slope: (x) => x.step() },
};

/** Applies the activation function that a config names to each number. */
export function activation(x: tf.Tensor, name: HiddenAct): tf.Tensor {
  const { value, slope } = ACTIVATIONS[name];
  return differentiable(
    { x },
    (save) => {
      save([x]);
      return value(x);
    },
    (dy, [x]) => ({ x: () => dy.mul(slope(x)) }),
  );
}

/** x sigmoid(k x): SiLU, and with k = 1.702 the quick approximation of GELU. */
function sigmoidGated(k: number): Activation {
  const gate = (x: tf.Tensor) => x.mul(k).sigmoid();
  return {
    value: (x) => x.mul(gate(x)),
    slope(x) {
      const g = gate(x);
      return g.add(x.mul(k).mul(g).mul(tf.scalar(1).sub(g)));
    },
  };
}

/** The standard normal distribution's share below x. */
function below(x: tf.Tensor): tf.Tensor {
  return x.mul(ROOT_HALF).erf().add(1).mul(0.5);
}

function tanhPart(x: tf.Tensor): tf.Tensor {
  return x.add(x.square().mul(x).mul(0.044715)).mul(ROOT_2_BY_PI).tanh();
}
