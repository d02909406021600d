import { tf } from "../../engine/tf.ts";
import type { Parameters } from "../embeddings.ts";
import { dense } from "../ops/dense.ts";
import type { RnnConfig } from "./config.ts";
import { GATES } from "./parameters.ts";

/**
 * Classifies images by a {@linkcode RnnConfig}'s network, whose state starts at 0.
 *
 * @param pixels RGB, normalised, `[B, height, width, 3]`: height steps of width * 3 numbers.
 * @returns Logits `[B, classes]`.
 */
export function rnnForward(
  pixels: tf.Tensor4D,
  config: RnnConfig,
  parameters: Parameters,
): tf.Tensor2D {
  const [batch, steps, width, colours] = pixels.shape;
  let x: tf.Tensor = pixels.reshape([batch, steps, width * colours]);
  for (let layer = 0; layer < config.layers - 1; layer++) {
    x = tf.stack(runLayer(x, layer, config, parameters), 1); // [B, steps, state]
  }
  const states = runLayer(x, config.layers - 1, config, parameters);
  const last = states[steps - 1];
  return dense(last, parameters("classifier.weight"), parameters("classifier.bias"));
}

/** One layer over all steps: `[B, steps, inputs]` to the state `[B, hidden]` after each step. */
function runLayer(
  x: tf.Tensor,
  layer: number,
  { cell, hiddenSize }: RnnConfig,
  parameters: Parameters,
): tf.Tensor2D[] {
  const [batch, steps, inputs] = x.shape as [number, number, number];
  const own = (name: string) => parameters(`rnn.${name}_l${layer}`);
  // What the gates read of the layer below does not depend on the state: one product for all steps.
  const read = dense(x.reshape([batch * steps, inputs]), own("weight_ih"), own("bias_ih"))
    .reshape([batch, steps, GATES[cell] * hiddenSize]);
  const weight = own("weight_hh");
  const bias = own("bias_hh");
  let state: CellState = { hidden: tf.zeros([batch, hiddenSize]) };
  return tf.unstack(read, 1).map((below) => {
    state = CELLS[cell](below as tf.Tensor2D, dense(state.hidden, weight, bias), state);
    return state.hidden;
  });
}

/** What a cell hands on to the next step, `[B, hidden]` each; a GRU has no memory of its own. */
interface CellState {
  readonly hidden: tf.Tensor2D;
  readonly memory?: tf.Tensor2D;
}

/**
 * A step of a cell.
 * @param below What its gates read of the layer below, `[B, gates * hidden]`.
 * @param before What they read of the state before, the same.
 */
type Cell = (below: tf.Tensor2D, before: tf.Tensor2D, state: CellState) => CellState;

const CELLS: Record<RnnConfig["cell"], Cell> = {
  lstm(below, before, { memory }) {
    const [input, forget, candidate, output] = tf.split(below.add(before) as tf.Tensor2D, 4, 1);
    const added = input.sigmoid().mul(candidate.tanh());
    const next = memory === undefined ? added : forget.sigmoid().mul(memory).add(added);
    return {
      hidden: output.sigmoid().mul(next.tanh()) as tf.Tensor2D,
      memory: next as tf.Tensor2D,
    };
  },
  gru(below, before, { hidden }) {
    const [resetBelow, updateBelow, newBelow] = tf.split(below, 3, 1);
    const [resetBefore, updateBefore, newBefore] = tf.split(before, 3, 1);
    const reset = resetBelow.add(resetBefore).sigmoid();
    const update = updateBelow.add(updateBefore).sigmoid();
    const candidate = newBelow.add(reset.mul(newBefore)).tanh();
    return { hidden: candidate.add(update.mul(hidden.sub(candidate))) as tf.Tensor2D };
  },
};
