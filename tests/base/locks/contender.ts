// A process that takes a lease, for tests of several.
import { dirname, join } from "node:path";
import { lockFile } from "../../../base/lock.ts";

const path = Deno.env.get("LOCK")!;
const [job, number] = Deno.env.get("JOB")!.split(" ");
const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

if (job === "count") {
  const file = join(dirname(path), "count");
  for (let i = 0; i < Number(number); i++) {
    using lock = await lockFile(path);
    const before = Number(Deno.readTextFileSync(file));
    if (i % 10 === 0) await pause(5); // time in which another could spoil it
    lock.check();
    Deno.writeTextFileSync(file, String(before + 1));
  }
  console.log("done");
} else {
  const lock = await lockFile(path);
  if (job === "block") await pause(1000); // the engine is opened, and so on
  Deno.writeTextFileSync(`${path}.held`, "");
  if (job === "exit") Deno.exit(0);
  if (job === "block") {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, Number(number));
  } else {
    while (!await Deno.stat(`${path}.check`).catch(() => undefined)) await pause(20);
  }
  try {
    lock.check();
    console.log("held");
  } catch (error) {
    console.log((error as Error).name);
  }
  lock.release();
}
