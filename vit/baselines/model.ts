import { tf } from "../../engine/tf.ts";
import type { Classifier } from "../classifier.ts";
import type { HostTensor } from "../host_tensor.ts";
import { Variables } from "../variables.ts";
import { cnnForward } from "./cnn.ts";
import type { BaselineConfig } from "./config.ts";
import { rnnForward } from "./rnn.ts";

/** A convolutional or recurrent classifier on the engine that is open. */
export class Baseline implements Classifier {
  readonly config: BaselineConfig;
  readonly names: readonly string[];
  trainable: ReadonlySet<string> = new Set();
  readonly #variables: Variables;

  /** @param weights As `readBaselineWeights` or `newBaseline` give them. */
  constructor(config: BaselineConfig, weights: ReadonlyMap<string, HostTensor>) {
    this.config = config;
    this.#variables = new Variables(weights);
    this.names = this.#variables.names;
  }

  /** All of them. */
  get learnable(): readonly string[] {
    return this.names;
  }

  tensor = (name: string): tf.Variable => this.#variables.tensor(name);

  forward(pixels: tf.Tensor4D): tf.Tensor2D {
    const { config } = this;
    return tf.tidy(() =>
      config.family === "cnn"
        ? cnnForward(pixels, config, this.tensor)
        : rnnForward(pixels, config, this.tensor)
    );
  }

  download(): Promise<Map<string, HostTensor>> {
    return this.#variables.download();
  }

  dispose(): void {
    this.#variables.dispose();
  }
}
