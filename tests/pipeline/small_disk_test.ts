import { deepEqual as equal, match, ok, rejects } from "node:assert/strict";
import { statfsSync } from "node:fs";
import { join } from "node:path";
import { DiskError } from "../../base/errors.ts";
import { TestProject, type TestStage } from "./project.ts";
import { smallDisk, smallDisksWork } from "./small_disk.ts";
import { faultsOfStore, resultsOf } from "./store_check.ts";

const ignore = !(await smallDisksWork());
const WHY = ignore ? " (not tried: only root can mount a small disk)" : "";

const STAGES: Record<string, TestStage> = {
  big: {
    run: `
      for (const name of ["a", "b", "c"]) {
        if (await context.checkpoint.load(name)) continue;
        await context.checkpoint.save(name, (path) => Deno.writeFile(path, new Uint8Array(40_000).fill(7)));
      }
      for (const name of ["a", "b", "c"]) {
        await context.output.take(name, await context.checkpoint.load(name));
      }`,
    draw: `return [{ name: "one", title: "One", description: "One", spec: { mark: "bar" } }];`,
  },
  bigger: {
    needs: { input: "big" },
    run: `await context.output.bytes("d", new Uint8Array(90_000));`,
  },
};

Deno.test({
  name:
    `a disk that is full at any place stops a run with a sentence, and with room it goes on${WHY}`,
  ignore,
  async fn() {
    const wholes: unknown[] = [];
    let stopped = 0;
    for (let free = 8; free <= 328; free += 20) {
      await using disk = await smallDisk("1m");
      const project = await TestProject.create(STAGES, disk.path);
      const ballast = join(disk.path, "ballast");
      const { bavail, bsize } = statfsSync(disk.path);
      Deno.writeFileSync(ballast, new Uint8Array(bavail * bsize - free * 1024));
      try {
        await project.run();
        if (project.result.exit !== 0) {
          stopped++;
          const errors = project.result.stages.flatMap(({ error }) => error ?? []);
          equal(errors.length, 1);
          match(errors[0], /^Cannot .*: the disk is full\nFree some space\.$/, `${free} KiB free`);
        }
      } catch (error) {
        stopped++;
        ok(error instanceof DiskError, String(error));
        match(error.message, /^Cannot .*: the disk is full$/);
      }
      equal(faultsOfStore(project.path), [], `${free} KiB free`);
      await Deno.remove(ballast);
      await project.run();
      equal(project.result.exit, 0);
      equal(faultsOfStore(project.path), []);
      equal(project.list("outputs/.store/scratch"), []);
      wholes.push(resultsOf(project.path, "demo"));
    }
    ok(stopped > 5 && stopped < wholes.length, `${stopped} of ${wholes.length} stopped`);
    for (const whole of wholes) equal(whole, wholes[0]);
  },
});

Deno.test({
  name: `a disk that is read-only is said to be, and what is there stays${WHY}`,
  ignore,
  async fn() {
    await using disk = await smallDisk("1m");
    const project = await TestProject.create(STAGES, disk.path);
    await disk.remount("ro");
    await rejects(project.run(), /^DiskError: Cannot write to .*: the disk is read-only$/);
    await disk.remount("rw");
    equal(await project.run(), { big: "ran", bigger: "ran" });
    await disk.remount("ro");
    await rejects(project.run(), /the disk is read-only$/);
    await disk.remount("rw");
    equal(await project.run(), { big: "fresh", bigger: "fresh" });
  },
});
