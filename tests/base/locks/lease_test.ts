import { deepEqual as equal, ok, throws } from "node:assert/strict";
import { join } from "node:path";
import { type LockDisk, LockLost, realLocks } from "../../../base/locks/disk.ts";
import { isLeased, tryLease } from "../../../base/locks/lease.ts";
import { clearDead } from "../../../base/locks/clear.ts";
import { isDead, watchOthers } from "../../../base/locks/watch.ts";

async function temporaryLock(): Promise<AsyncDisposable & { folder: string; path: string }> {
  const folder = await Deno.makeTempDir();
  return {
    folder,
    path: join(folder, "a.lock"),
    [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }),
  };
}

/** What another process does with a lock that it takes, by leases, for the environment's bound. */
function spawn(path: string, job: string, seconds = 2): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", new URL("./contender.ts", import.meta.url).pathname],
    env: { LOCK: path, JOB: job, VITRINE_LOCKS: "lease", VITRINE_LEASE: String(seconds) },
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
}

async function output(child: Deno.ChildProcess): Promise<string> {
  return new TextDecoder().decode((await child.output()).stdout);
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!await condition()) await new Promise((resolve) => setTimeout(resolve, 20));
}

const exists = (path: string) => realLocks.stat(path) !== undefined;

Deno.test("shared leases go together and keep an exclusive one out", async () => {
  await using place = await temporaryLock();
  const { path } = place;
  equal(isLeased(path, false, realLocks), false);
  const first = tryLease(path, true, realLocks)!;
  const second = tryLease(path, true, realLocks)!;
  ok(first.token !== second.token);
  equal(tryLease(path, false, realLocks), undefined);
  equal([isLeased(path, false, realLocks), isLeased(path, true, realLocks)], [true, false]);
  first.release();
  equal(tryLease(path, false, realLocks), undefined);
  second.release();
  {
    using alone = tryLease(path, false, realLocks)!;
    alone.check();
    equal(tryLease(path, true, realLocks), undefined);
    equal(isLeased(path, true, realLocks), true);
  }
  equal(isLeased(path, false, realLocks), false);
  const last = tryLease(path, false, realLocks)!;
  last.remove();
  last.release();
  equal([...Deno.readDirSync(place.folder)].map(({ name }) => name), [".leases"]);
  equal([...Deno.readDirSync(join(place.folder, ".leases"))], []);
});

Deno.test("a lease is had where there are no hard links, and where an answer got lost", async () => {
  const refuses: LockDisk = {
    ...realLocks,
    hardLink() {
      throw Object.assign(new Error("Operation not supported"), { code: "ENOTSUP" });
    },
  };
  const forgets: LockDisk = {
    ...realLocks,
    hardLink(from, to) {
      realLocks.hardLink(from, to);
      realLocks.hardLink(from, to); // the same call, sent again
    },
  };
  for (const disk of [refuses, forgets]) {
    await using place = await temporaryLock();
    for (let round = 0; round < 3; round++) {
      using held = tryLease(place.path, false, disk);
      held!.check();
      equal(tryLease(place.path, false, disk), undefined);
    }
  }
});

Deno.test("a session is dead by this process's clock alone, and not for standing still itself", async () => {
  await using place = await temporaryLock();
  const { folder } = place;
  Deno.mkdirSync(join(folder, ".leases"));
  const renew = (count: number) =>
    Deno.writeTextFileSync(join(folder, ".leases", "x"), `7 far 1000 w${count}\n`);
  const at = (now: number) => isDead(folder, "x", realLocks, () => now);
  renew(1);
  equal([0, 300, 600, 900].map(at), [false, false, false, false]);
  renew(2);
  equal([1200, 1400, 1600, 1800, 2000].map(at), [false, false, false, false, false]);
  equal(at(2200), true);
  renew(3);
  // An hour of sleep between two looks counts for a quarter of the bound.
  equal([3000, 3_600_000, 7_200_000, 7_200_100].map(at), [false, false, false, false]);
});

Deno.test("of four processes one at a time has a lease, hundreds of times", async () => {
  await using place = await temporaryLock();
  Deno.writeTextFileSync(join(place.folder, "count"), "0");
  const children = Array.from({ length: 4 }, () => spawn(place.path, "count 60", 20));
  equal(await Promise.all(children.map(output)), Array(4).fill("done\n"));
  equal(Deno.readTextFileSync(join(place.folder, "count")), "240");
});

Deno.test("the lease of a killed process is free after its bound, one that lives is waited for", async () => {
  await using place = await temporaryLock();
  const held = spawn(place.path, "hold");
  await until(() => exists(`${place.path}.held`));
  const waiting = spawn(place.path, "count 1");
  Deno.writeTextFileSync(join(place.folder, "count"), "0");
  await new Promise((resolve) => setTimeout(resolve, 4000)); // twice the bound: it is renewed
  equal(Deno.readTextFileSync(join(place.folder, "count")), "0");
  held.kill("SIGKILL");
  equal(await output(waiting), "done\n");
  equal(Deno.readTextFileSync(join(place.folder, "count")), "1");
  await held.output();
});

Deno.test("a process that stood still for longer than its bound finds out that it lost the lease", async () => {
  await using place = await temporaryLock();
  const held = spawn(place.path, "hold");
  await until(() => exists(`${place.path}.held`));
  held.kill("SIGSTOP");
  Deno.writeTextFileSync(join(place.folder, "count"), "0");
  equal(await output(spawn(place.path, "count 1")), "done\n");
  Deno.writeTextFileSync(`${place.path}.check`, "");
  held.kill("SIGCONT");
  equal(await output(held), "LockLost\n");
});

Deno.test("what a dead process held is cleared away once, and nothing of one that lives", async () => {
  await using place = await temporaryLock();
  const { folder, path } = place;
  const dead = spawn(path, "hold");
  const alive = spawn(join(folder, "b.lock"), "hold");
  await until(() => exists(`${path}.held`) && exists(`${folder}/b.lock.held`));
  dead.kill("SIGSTOP");
  await watchOthers(folder, realLocks, () => {});
  clearDead(folder, realLocks);
  equal([...Deno.readDirSync(join(folder, ".leases"))].length, 1);
  equal(isLeased(path, false, realLocks), false);
  equal(isLeased(join(folder, "b.lock"), false, realLocks), true);
  for (const name of ["a", "b"]) Deno.writeTextFileSync(join(folder, `${name}.lock.check`), "");
  dead.kill("SIGCONT");
  equal([await output(dead), await output(alive)], ["LockLost\n", "held\n"]);
  equal([...Deno.readDirSync(join(folder, ".leases"))], []);
});

Deno.test("who was cleared away takes its next leases in a session that others see", async () => {
  await using place = await temporaryLock();
  const { folder, path } = place;
  const used = tryLease(join(folder, "b.use"), true, realLocks)!;
  const [{ name: session }] = Deno.readDirSync(join(folder, ".leases"));
  Deno.removeSync(join(folder, ".leases", session));
  throws(() => used.check(), LockLost);
  using next = tryLease(path, false, realLocks)!;
  next.check();
  equal([...Deno.readDirSync(join(folder, ".leases"))].length, 1);
  used.release();
  next.check();
});

Deno.test("a native call that blocks the main thread for longer than the bound loses nothing", async () => {
  await using place = await temporaryLock();
  const held = spawn(place.path, "block 5000");
  await until(() => exists(`${place.path}.held`));
  Deno.writeTextFileSync(join(place.folder, "count"), "0");
  const waiting = spawn(place.path, "count 1");
  equal(await output(held), "held\n");
  equal(await output(waiting), "done\n");
});

Deno.test("a lease ends with the process that says that it exits", async () => {
  await using place = await temporaryLock();
  await spawn(place.path, "exit", 60).output();
  equal(isLeased(place.path, false, realLocks), false);
});

Deno.test("who has lost a lease frees nothing of its successor's", async () => {
  await using place = await temporaryLock();
  const { path } = place;
  const lost = tryLease(path, false, realLocks)!;
  // As another process takes over that saw it unrenewed.
  const folder = `${path}.lease`;
  const [generation] = [...Deno.readDirSync(folder)].map(({ name }) => name);
  const next = String(Number(generation) + 1).padStart(12, "0");
  Deno.writeTextFileSync(join(folder, next), "another token\n");
  throws(() => lost.check(), LockLost);
  lost.release();
  equal([...Deno.readDirSync(folder)].map(({ name }) => name), [next]);
});
