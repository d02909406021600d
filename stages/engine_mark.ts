import type { Engine } from "../engine/mod.ts";

/**
 * What a checkpoint must have in common with whoever goes on from it. Another implementation, build,
 * device or number of threads adds up in another order, and its bytes would differ.
 */
export function engineMark({ name, version, device, threads }: Engine): string {
  return `${name} ${version} on ${device} with ${threads} thread${threads === 1 ? "" : "s"}`;
}
