import { tf } from "../engine/tf.ts";
import type { HostTensor } from "./host_tensor.ts";

/** A model's tensors on the engine that is open, by their names. */
export class Variables {
  /** In the order in which they were given. */
  readonly names: string[];
  readonly #variables = new Map<string, tf.Variable>();

  constructor(weights: ReadonlyMap<string, HostTensor>) {
    this.names = [...weights.keys()];
    for (const [name, { shape, data }] of weights) {
      const value = tf.tensor(data, shape, "float32");
      // Without a name of its own TensorFlow.js gives one, which may exist once in the process.
      this.#variables.set(name, tf.variable(value));
      value.dispose();
    }
  }

  /** One of them. @throws {RangeError} if there is none of that name. */
  tensor = (name: string): tf.Variable => {
    const variable = this.#variables.get(name);
    if (!variable) throw new RangeError(`Cannot find "${name}": the model has no such tensor`);
    return variable;
  };

  /** All as they now stand. */
  async download(): Promise<Map<string, HostTensor>> {
    // All at once: a GPU is waited for once, not for each.
    const entries = [...this.#variables].map(
      async ([name, variable]): Promise<[string, HostTensor]> => {
        const data = await variable.data<"float32">();
        return [name, { shape: [...variable.shape], data }];
      },
    );
    return new Map(await Promise.all(entries));
  }

  dispose(): void {
    for (const variable of this.#variables.values()) variable.dispose();
  }
}
