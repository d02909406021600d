import { deepEqual as equal, match, rejects } from "node:assert/strict";
import { join } from "node:path";
import { DiskError } from "../../base/errors.ts";
import { isLocked, lockFile, removeLockFile, tryLockFile } from "../../base/lock.ts";
import { realDisk } from "../../pipeline/disk.ts";
import { failingDisk, TestProject } from "./project.ts";

async function temporaryLock(): Promise<AsyncDisposable & { path: string }> {
  const folder = await Deno.makeTempDir();
  return {
    path: join(folder, "deep", "a.lock"),
    [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }),
  };
}

Deno.test("shared locks go together and keep an exclusive one out", async () => {
  await using place = await temporaryLock();
  equal(isLocked(place.path), false);
  const first = tryLockFile(place.path, { shared: true });
  const second = tryLockFile(place.path, { shared: true });
  equal([first, second].includes(undefined), false);
  equal(tryLockFile(place.path), undefined);
  equal(isLocked(place.path), true);
  equal(isLocked(place.path, { shared: true }), false);
  equal(removeLockFile(place.path), false);
  first!.release();
  equal(tryLockFile(place.path), undefined);
  second!.release();
  equal(removeLockFile(place.path), true);
  equal(isLocked(place.path), false);
});

Deno.test("a lock is had where the system has no inodes of open files", async () => {
  await using place = await temporaryLock();
  const disk = failingDisk(realDisk, {
    openLock: (path) => ({ ...realDisk.openLock(path), inode: 0 }),
  });
  using held = tryLockFile(place.path, { disk });
  equal(held === undefined, false);
  equal(tryLockFile(place.path, { disk }), undefined);
});

Deno.test("waiting for a lock ends when it is given up", async () => {
  await using place = await temporaryLock();
  using _held = await lockFile(place.path);
  const stop = new AbortController();
  const waited: (number | null)[] = [];
  const waiting = lockFile(place.path, {
    signal: stop.signal,
    onWait: (pid) => (waited.push(pid), stop.abort(new Error("enough"))),
  });
  await rejects(waiting, /enough/);
  equal(waited, [Deno.pid]);
});

// Deno gives no code for ENOLCK.
for (const code of [undefined, "ENOTSUP"]) {
  Deno.test(`a run on a file system without locks (${code ?? "ENOLCK"}) is refused with a sentence`, async () => {
    await using project = await TestProject.create({ one: { run: "" } });
    const disk = failingDisk(realDisk, {
      openLock: (path) => ({
        ...realDisk.openLock(path),
        tryLock() {
          throw Object.assign(new Error(`No locks available (os error 37): '${path}'`), { code });
        },
      }),
    });
    await rejects(project.run({ disk }), (error: unknown) => {
      match(
        String(error),
        /^DiskError: Cannot lock \/.*running-demo\.lock: its file system has no locks$/,
      );
      match((error as DiskError).hint!, /Work on a local disk/);
      return true;
    });
    equal(project.list("outputs/.store/one"), []);
    equal(await project.run(), { one: "ran" });
  });
}
