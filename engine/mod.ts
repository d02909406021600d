/** Which implementation executes tensor operations. */
export type EngineName = "tensorflow" | "webgpu" | "wasm";

/** An opened engine. TensorFlow.js is set to use it. */
export interface Engine {
  readonly name: EngineName;
  /** For people: "TensorFlow 2.21.0, CPU, 2 threads". */
  readonly description: string;
  /** The version of what executes the operations: TensorFlow's, or the WebAssembly package's. */
  readonly version: string;
  readonly device: "cpu" | "gpu";
  readonly threads: number;
  /** Why `auto` took it; missing where it was named. */
  readonly why?: string;
}
