import type { Measured } from "./measure.ts";
import type { Group } from "./rows.ts";

/** A row that was measured. */
export interface RowResult extends Measured {
  readonly id: string;
  readonly group: Group;
  readonly title: string;
  readonly aim: number | null;
  readonly aim_seconds: number | null;
  /** Peers that could not be had, each with why. */
  readonly left_out: readonly { readonly name: string; readonly why: string }[];
}

/** One folder of images, taken through a run. */
export interface ScalePoint {
  /** Training images. */
  readonly images: number;
  /** Of the first run. */
  readonly seconds: number;
  /** Of the next one, which has nothing to do. */
  readonly again_seconds: number;
  readonly peak_bytes: number | null;
}

/** bench.json: all that was measured in one run. */
export interface BenchResults {
  /** ISO 8601. */
  readonly started: string;
  readonly machine: {
    /** `linux x86_64`. */
    readonly system: string;
    readonly processor: string;
    readonly threads: number;
    readonly memory_bytes: number;
    readonly deno: string;
    /** Processes that wanted the processor in the minute before it began. */
    readonly load: number;
  };
  readonly quick: boolean;
  readonly rows: readonly RowResult[];
  readonly scale: readonly ScalePoint[];
  /** Rows that could not be measured, each with why. */
  readonly failed: readonly { readonly id: string; readonly why: string }[];
}

/**
 * What one more image costs a run with nothing to do, seconds: the slope between the rows with the
 * fewest and the most images; undefined where there are not two.
 */
export function secondsPerFile(rows: readonly RowResult[]): number | undefined {
  const found = rows.filter(({ group }) => group === "nothing").map(({ id, ours }) => ({
    images: Number(id.replace("nothing-", "")),
    seconds: ours.seconds.median,
  })).sort((a, b) => a.images - b.images);
  const [least, most] = [found[0], found.at(-1)];
  if (least === undefined || most === undefined || least === most) return undefined;
  return (most.seconds - least.seconds) / (most.images - least.images);
}
