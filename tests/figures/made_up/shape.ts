/** What a made-up run is like. */
export interface Shape {
  readonly classes: readonly string[];
  readonly side: number;
  readonly patch: number;
  readonly blocks: number;
  readonly heads: number;
  readonly epochs: number;
  readonly steps: number;
  readonly validation: boolean;
  readonly mistakes: number;
}

export const ORDINARY: Shape = {
  classes: ["cat", "dog", "frog"],
  side: 16,
  patch: 4,
  blocks: 2,
  heads: 3,
  epochs: 3,
  steps: 12,
  validation: true,
  mistakes: 2,
};

/** Pictures of slanted stripes: `[count, side, side, 3]`, no two alike. */
export function images(count: number, side: number): Uint8Array {
  return Uint8Array.from(
    { length: count * side * side * 3 },
    (_, i) => (i * 7 + Math.floor(i / (side * side * 3)) * 50) % 256,
  );
}

/** A positive pattern whose rows of `length` add up to less than 1. */
export function weights(rows: number, length: number): Float32Array {
  return Float32Array.from(
    { length: rows * length },
    (_, i) => (1 + (i * 5) % 11) / (12 * length),
  );
}
