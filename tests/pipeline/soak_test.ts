import { deepEqual as equal } from "node:assert/strict";
import { join } from "node:path";
import { isLocked } from "../../base/lock.ts";
import { realDisk } from "../../pipeline/disk.ts";
import { Store } from "../../pipeline/store.ts";
import { listUnused } from "../../pipeline/unused.ts";
import { TestProject } from "./project.ts";

/** Open files of this process; undefined where the system does not list them. */
function openFiles(): number | undefined {
  try {
    return [...Deno.readDirSync("/proc/self/fd")].length;
  } catch {
    return undefined;
  }
}

Deno.test("twenty runs in one process leave no scratch, hold no lock and no file", async () => {
  await using project = await TestProject.create({
    one: {
      params: { round: 0 },
      run: `
        await context.checkpoint.save("half", (path) => Deno.writeTextFile(path, "half"));
        await context.output.json("round.json", context.params.round);`,
      draw: `return [{ name: "one", title: "One", description: "One", spec: { mark: "bar" } }];`,
    },
  });
  const store = join(project.path, "outputs/.store");
  let before: number | undefined;
  for (let round = 0; round < 20; round++) {
    // Every other round something is made, every fifth is stopped.
    project.stages.one.params = { round: round >> 1 };
    const stopped = round % 5 === 4;
    const signal = stopped ? AbortSignal.abort() : new AbortController().signal;
    await project.run({ signal });
    equal(project.result.exit, stopped ? 130 : 0);
    equal(project.list("outputs/.store/scratch"), []);
    const locks = project.list("outputs/.store/locks");
    equal(locks.filter((name) => isLocked(join(store, "locks", name))), []);
    if (round === 1) before = openFiles();
  }
  equal(openFiles(), before);
  equal(project.list("outputs/.store/aside"), []);
  using looking = await Store.open(realDisk, store, { write: false });
  const left = listUnused(looking, join(project.path, "outputs")).map(({ what }) => what);
  equal(left.filter((what) => what !== "artifact"), []);
});
