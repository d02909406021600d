import type { Unused } from "../../pipeline/unused.ts";
import { DiskUse } from "./sizes.ts";

/**
 * Milliseconds that the checkpoint of an unfinished stage stays unless an age is given, and what workers
 * have made of something that waits for the rest: 7 days.
 */
const CHECKPOINT_AGE = 7 * 86_400_000;

/** What is asked of `gc`. */
export interface Wanted {
  /** Milliseconds; only what was not used for so long. */
  readonly olderThan?: number;
  /** Bytes that the store may keep: the oldest goes until it is no larger. */
  readonly keepSize?: number;
}

/** What is to go. */
export interface Choice {
  readonly unused: readonly Unused[];
  /** Bytes that the disk will have more. */
  readonly freed: number;
  /** Bytes of the whole store today. */
  readonly all: number;
}

/**
 * Chooses what goes of what could.
 *
 * @param store Path of the store.
 * @param unused The oldest first, and old enough.
 * @param now Milliseconds since 1970.
 */
export function choose(
  store: string,
  unused: readonly Unused[],
  { olderThan, keepSize }: Wanted,
  now: number,
): Choice {
  const { all } = new DiskUse().add(store);
  const use = new DiskUse();
  const chosen: Unused[] = [];
  const take = (each: Unused) => {
    use.add(each.path);
    chosen.push(each);
  };
  const worthless = (each: Unused) => !["artifact", "unfinished"].includes(each.what);
  unused.filter(worthless).forEach(take);
  for (const each of unused.filter((one) => !worthless(one))) {
    if (keepSize !== undefined && all - use.freed <= keepSize) break;
    const part = each.what === "unfinished" || each.kind?.endsWith("-part") === true;
    const young = part && now - each.used < CHECKPOINT_AGE;
    if (olderThan === undefined && young) continue;
    take(each);
  }
  return { unused: chosen, freed: use.freed, all };
}
