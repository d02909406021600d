import { z } from "zod";
import { openSafetensors, writeSafetensors } from "../../base/safetensors.ts";
import type { HostTensor } from "../../vit/weights.ts";
import type { Checkpoint, Report } from "../stage.ts";
import type { Engine } from "../../engine/mod.ts";
import { historyFile } from "./files.ts";

const NAME = "training.safetensors";

/** Where a training run is: enough to end with the same bytes as one that was never stopped. */
const placeSchema = z.strictObject({
  /** The epoch in hand, and how many of its steps are done. */
  epoch: z.int().nonnegative(),
  step: z.int().nonnegative(),
  history: historyFile,
  /** Other engines and thread counts add up in another order: their bytes would differ. */
  engine: z.string(),
  threads: z.int(),
});
export type Place = z.infer<typeof placeSchema>;

/** Saves weights and optimizer state with the place, in one file: written whole or not at all. */
export async function savePlace(
  checkpoint: Checkpoint,
  place: Place,
  weights: ReadonlyMap<string, HostTensor>,
  optimizer: ReadonlyMap<string, HostTensor>,
): Promise<void> {
  const tensors = Object.fromEntries(
    [["weights", weights] as const, ["optimizer", optimizer] as const].flatMap(([of, tensors]) =>
      [...tensors].map((
        [name, { shape, data }],
      ) => [`${of}/${name}`, { dtype: "F32" as const, shape, data }])
    ),
  );
  await checkpoint.save(
    NAME,
    (path) => writeSafetensors(path, tensors, { place: JSON.stringify(place) }),
  );
}

/** Forgets what was saved. */
export async function dropPlace(checkpoint: Checkpoint): Promise<void> {
  if ((await checkpoint.list()).includes(NAME)) await checkpoint.remove(NAME);
}

/** What {@linkcode savePlace} saved. */
export interface Saved {
  readonly place: Place;
  /** The trainable tensors, by name. */
  readonly weights: ReadonlyMap<string, HostTensor>;
  /** As the trainer's state. */
  readonly optimizer: ReadonlyMap<string, HostTensor>;
}

/** Reads the saved place, or says why it starts over. */
export async function loadPlace(
  checkpoint: Checkpoint,
  engine: Engine,
  report: Report,
): Promise<Saved | undefined> {
  const path = await checkpoint.load(NAME);
  if (!path) return undefined;
  using file = await openSafetensors(path);
  const parsed = placeSchema.safeParse(JSON.parse(file.metadata.place ?? "null"));
  if (!parsed.success) {
    report.warn("The checkpoint of an earlier run can't be read; training starts over");
    return undefined;
  }
  const place = parsed.data;
  if (place.engine !== engine.name || place.threads !== engine.threads) {
    report.warn(
      `The checkpoint is of ${place.engine} with ${place.threads} threads and this is ${engine.name} with ${engine.threads}: training starts over`,
    );
    return undefined;
  }
  const part = (of: string) =>
    new Map(
      file.names.filter((name) => name.startsWith(`${of}/`)).map((name) => [
        name.slice(of.length + 1),
        { shape: [...file.info(name).shape], data: file.float32(name) },
      ]),
    );
  return { place, weights: part("weights"), optimizer: part("optimizer") };
}
