import { deepStrictEqual as equal } from "node:assert/strict";
import { join } from "node:path";
import type { Engine } from "../../engine/mod.ts";
import { CheckpointFolder } from "../../pipeline/checkpoint.ts";
import { realDisk } from "../../pipeline/disk.ts";
import { startOverIfOther } from "../../stages/start_over.ts";

Deno.test("what another engine or thread count has made is not gone on with, and that is said", async () => {
  const folder = await Deno.makeTempDir();
  const refuse = () => {
    throw new Error("Nothing is damaged");
  };
  const checkpoint = new CheckpointFolder(realDisk, join(folder, "checkpoint"), refuse, refuse);
  const warned: string[] = [];
  const report = { warn: (text: string) => void warned.push(text) };
  const begin = (threads: number) => {
    const engine: Partial<Engine> = {
      name: "tensorflow",
      version: "2.18.0",
      device: "cpu",
      threads,
    };
    return startOverIfOther(engine as Engine, checkpoint, report, "shards");
  };
  await begin(2);
  equal(warned.length, 0); // there was nothing
  await checkpoint.save("1", (path) => Deno.writeTextFile(path, "done"));
  await begin(2);
  equal(await checkpoint.list(), ["1", "engine"]);
  equal(warned.length, 0);
  await begin(1);
  equal(await checkpoint.list(), ["engine"]);
  equal(warned, [
    "The shards of an earlier run are of another engine or thread count: they start over",
  ]);
  await Deno.remove(folder, { recursive: true });
});
