import { openSafetensors, writeSafetensors } from "../../base/safetensors.ts";
import type { HostTensor } from "../../vit/host_tensor.ts";
import type { Checkpoint } from "../stage.ts";

/**
 * Saves the tensors of the best epoch so far beside the place. A file an epoch: whichever of the two
 * a kill comes between, the place names one that is there.
 */
export async function saveBest(
  checkpoint: Checkpoint,
  epoch: number,
  weights: ReadonlyMap<string, HostTensor>,
): Promise<void> {
  const tensors = Object.fromEntries(
    [...weights].map(([name, tensor]) => [name, { dtype: "F32" as const, ...tensor }]),
  );
  await checkpoint.save(nameOf(epoch), (path) => writeSafetensors(path, tensors));
}

/** What {@linkcode saveBest} saved; undefined where it is missing or damaged. */
export async function loadBest(
  checkpoint: Checkpoint,
  epoch: number,
): Promise<Map<string, HostTensor> | undefined> {
  const path = await checkpoint.load(nameOf(epoch));
  if (path === undefined) return undefined;
  using file = await openSafetensors(path);
  return new Map(
    file.names.map((name) => [name, {
      shape: [...file.info(name).shape],
      data: file.float32(name),
    }]),
  );
}

/** Removes the tensors of all epochs but one. */
export async function dropOthers(checkpoint: Checkpoint, epoch: number | undefined): Promise<void> {
  for (const name of await checkpoint.list()) {
    if (!name.startsWith(PREFIX)) continue;
    if (epoch === undefined || name !== nameOf(epoch)) await checkpoint.remove(name);
  }
}

const PREFIX = "best-";

function nameOf(epoch: number): string {
  return `${PREFIX}${epoch}.safetensors`;
}
