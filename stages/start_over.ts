import type { Engine } from "../engine/mod.ts";
import { engineMark } from "./engine_mark.ts";
import type { Checkpoint, Report } from "./stage.ts";

/** Name of the checkpoint's note of which engine its files are from. */
const ENGINE = "engine";

/**
 * Empties a checkpoint of another engine. Other engines and thread counts add up in another order:
 * what they have made is not mixed.
 * @param what Its files, in words: "shards".
 */
export async function startOverIfOther(
  engine: Engine,
  checkpoint: Checkpoint,
  report: Pick<Report, "warn">,
  what: string,
): Promise<void> {
  const text = engineMark(engine);
  const note = await checkpoint.load(ENGINE);
  if (note !== undefined && await Deno.readTextFile(note) === text) return;
  const left = await checkpoint.list();
  if (left.length > 0) {
    report.warn(
      `The ${what} of an earlier run are of another engine or thread count: they start over`,
    );
  }
  for (const file of left) await checkpoint.remove(file);
  await checkpoint.save(ENGINE, (path) => Deno.writeTextFile(path, text));
}
