import { z } from "zod";
import { openSafetensors, writeSafetensors } from "../../base/safetensors.ts";
import type { HostTensor } from "../../vit/weights.ts";
import type { Checkpoint, Report } from "../stage.ts";
import type { Engine } from "../../engine/mod.ts";
import { engineMark } from "../engine_mark.ts";
import { type HistoryFile, historyFile } from "./files.ts";

const NAME = "training.safetensors";
/** Learning rate, loss and gradient norm of every step, `[steps, 3]`. */
const STEPS = "history/steps";

/** Where a training run is: enough to end with the same bytes as one that was never stopped. */
const placeSchema = z.strictObject({
  /** The epoch in hand, and how many of its steps are done. */
  epoch: z.int().nonnegative(),
  step: z.int().nonnegative(),
  epochs: historyFile.shape.epochs,
  /** {@linkcode engineMark} of the engine that came this far. */
  engine: z.string(),
});

/** Where a training run is, with all that it has measured. */
export interface Place {
  readonly epoch: number;
  readonly step: number;
  readonly history: HistoryFile;
}

/** Saves weights and optimizer state with the place, in one file: written whole or not at all. */
export async function savePlace(
  checkpoint: Checkpoint,
  { epoch, step, history }: Place,
  engine: Engine,
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
  // Steps may be millions; a header is read whole, and no larger than 100 MB.
  const steps = Float64Array.from(
    history.steps.flatMap(({ learning_rate, loss, grad_norm }) => [learning_rate, loss, grad_norm]),
  );
  const place = JSON.stringify({ epoch, step, epochs: history.epochs, engine: engineMark(engine) });
  await checkpoint.save(NAME, (path) =>
    writeSafetensors(path, {
      ...tensors,
      [STEPS]: { dtype: "F64", shape: [history.steps.length, 3], data: steps },
    }, { place }));
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
  const { epoch, step, epochs, engine: mark } = parsed.data;
  if (mark !== engineMark(engine)) {
    report.warn(
      `The checkpoint is of ${mark}, and this is ${engineMark(engine)}: training starts over`,
    );
    return undefined;
  }
  const rows = new Float64Array(file.read(STEPS).buffer);
  const steps = Array.from({ length: rows.length / 3 }, (_, i) => {
    const [learning_rate, loss, grad_norm] = rows.subarray(3 * i, 3 * i + 3);
    return { step: i, learning_rate, loss, grad_norm };
  });
  const place: Place = { epoch, step, history: { steps, epochs } };
  const part = (of: string) =>
    new Map(
      file.names.filter((name) => name.startsWith(`${of}/`)).map((name) => [
        name.slice(of.length + 1),
        { shape: [...file.info(name).shape], data: file.float32(name) },
      ]),
    );
  return { place, weights: part("weights"), optimizer: part("optimizer") };
}
