/** A tensor of 32-bit floats in the memory of the program, row-major: weights on their way in or out. */
export interface HostTensor {
  readonly shape: number[];
  readonly data: Float32Array;
}
