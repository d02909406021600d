/**
 * One kind of work, small enough that a process does it again and again. bench/worker.ts and
 * bench/worker.py both take it as JSON, so that both sides do the same.
 */
export type Work =
  | {
    readonly kind: "forward";
    /** Folder with config.json and model.safetensors. */
    readonly model: string;
    /** Images at once. */
    readonly batch: number;
  }
  | {
    readonly kind: "step";
    readonly model: string;
    readonly batch: number;
    /** How many blocks train, from the top; norm and head always do. "all": everything. */
    readonly trainable: number | "all";
  }
  | {
    readonly kind: "epochs";
    readonly model: string;
    readonly batch: number;
    readonly trainable: number;
    /** Images of an epoch. */
    readonly images: number;
    /** Epochs that the time is of. */
    readonly epochs: number;
    /** Epochs that PyTorch's time is measured on, and multiplied from: each does the same. */
    readonly measured: number;
  };

/** What a worker says once it is ready. */
export interface Ready {
  /** What does the work: "PyTorch 2.13.0+cpu, 2 threads". */
  readonly name: string;
  /** A number that the work makes, the same on both sides; null where the work makes none such. */
  readonly check: number | null;
  /** Seconds of the first time, which warms up. */
  readonly seconds: number;
}

/** AdamW and clipping as both sides have them. */
export const RECIPE = { learningRate: 5e-4, weightDecay: 0.01, clipNorm: 1 } as const;

/** Pixel or label `i` of the made-up images: the same on both sides, spread over [-1, 1). */
export function pixel(i: number): number {
  return ((i * 7919) % 1000) / 500 - 1;
}
