/** Which implementation executes tensor operations. */
export type EngineName = "tensorflow" | "webgpu" | "wasm";

/** An opened engine. TensorFlow.js is set to use it. */
export interface Engine {
  readonly name: EngineName;
  /** For people: "TensorFlow 2.21.0, CPU, 2 threads". */
  readonly description: string;
  readonly device: "cpu" | "gpu";
  readonly threads: number;
}
