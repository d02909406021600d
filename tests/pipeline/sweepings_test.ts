import { deepEqual as equal, ok } from "node:assert/strict";
import { join } from "node:path";
import { lockFile, tryLockFile } from "../../base/lock.ts";
import { realDisk } from "../../pipeline/disk.ts";
import { Store } from "../../pipeline/store.ts";
import { removeUnused } from "../../pipeline/sweepings.ts";
import { listUnused } from "../../pipeline/unused.ts";
import { FaultyDisk } from "./faulty_disk.ts";
import { TestProject, type TestStage } from "./project.ts";
import { faultsOfStore, resultsOf } from "./store_check.ts";

const NUMBER: TestStage = {
  params: { value: 1 },
  run: `
    const shared = await context.cached({
      kind: "shared",
      record: { value: context.params.value },
      code: "file://" + context.project + "/stages/number/run.ts",
      build: ({ output }) => output.text("shared.txt", "shared " + context.params.value),
    });
    await context.output.text("value.txt", "value " + context.params.value);
    await context.output.take("shared.txt", shared.file("shared.txt"));`,
  draw: `return [];`,
};

function openStore(project: TestProject, write = true): Promise<Store> {
  return Store.open(realDisk, join(project.path, "outputs/.store"), { write });
}

/** What there is to clear, by what it is and its kind. */
async function listed(project: TestProject, olderThan?: number): Promise<string[]> {
  using store = await openStore(project, false);
  return listUnused(store, join(project.path, "outputs"), { olderThan })
    .map(({ what, kind }) => [what, kind].filter(Boolean).join(" ")).sort();
}

async function cleared(project: TestProject) {
  using store = await openStore(project);
  const outputs = join(project.path, "outputs");
  return removeUnused(store, outputs, listUnused(store, outputs));
}

Deno.test("what a run shows, and what that was made with, is in use", async () => {
  await using project = await TestProject.create({ number: NUMBER });
  await project.run();
  equal(await listed(project), []);
});

Deno.test("what no run shows any more is listed, cleared, and made again when it is wanted", async () => {
  await using project = await TestProject.create({ number: NUMBER });
  await project.run();
  project.stages = { number: { ...NUMBER, params: { value: 2 } } };
  await project.run();
  equal(await listed(project), ["artifact figures", "artifact number", "artifact shared"]);
  equal(await listed(project, 3_600_000), [], "used a moment ago");
  const { removed, kept } = await cleared(project);
  equal([removed.length, kept.length], [3, 0]);
  equal(await listed(project), []);
  const locks = project.list("outputs/.store/locks").filter((name) =>
    /^(number|shared)-/.test(name)
  );
  equal(locks.length, 4, "two for each that is left: " + locks.join(" "));
  equal(await project.run(), { number: "fresh" });
  project.stages = { number: NUMBER };
  equal(await project.run(), { number: "ran" });
});

Deno.test("what a run at work uses is neither listed nor cleared, linked or not", async () => {
  await using project = await TestProject.create({ number: NUMBER });
  await project.run();
  const key = project.list("outputs/.store/number")[0];
  await Deno.remove(join(project.path, "outputs/demo"), { recursive: true });
  const outputs = join(project.path, "outputs");
  using cleaning = await openStore(project);
  const before = listUnused(cleaning, outputs).filter(({ kind }) => kind === "number");
  equal(before.length, 1);
  {
    using working = await openStore(project);
    await working.use("number", key);
    equal((await listed(project)).includes("artifact number"), false);
    // Listed before the run began to use it: looked at again.
    equal(removeUnused(cleaning, outputs, before).kept, before);
  }
  equal(removeUnused(cleaning, outputs, before).removed, before);
  equal(project.list("outputs/.store/number"), []);
});

Deno.test("what a run has linked to since it was listed is kept", async () => {
  await using project = await TestProject.create({ number: NUMBER });
  await project.run();
  await Deno.remove(join(project.path, "outputs/demo"), { recursive: true });
  const outputs = join(project.path, "outputs");
  using store = await openStore(project);
  const before = listUnused(store, outputs);
  equal(await project.run(), { number: "restored" });
  const kept = removeUnused(store, outputs, before).kept.map(({ kind }) => kind);
  ok(kept.includes("number") && kept.includes("shared"), kept.join(" "));
  equal(await project.run(), { number: "fresh" });
});

Deno.test("the folders of runs are walked through once, however many artifacts go", async () => {
  await using project = await TestProject.create({ number: NUMBER });
  for (let value = 1; value <= 4; value++) {
    project.stages = { number: { ...NUMBER, params: { value } } };
    await project.run();
  }
  const outputs = join(project.path, "outputs");
  const { disk, calls } = new FaultyDisk();
  using store = await Store.open(disk, join(outputs, ".store"), { write: true });
  const unused = listUnused(store, outputs);
  calls.length = 0;
  equal(removeUnused(store, outputs, unused).removed.length, 9, "three of each kind");
  equal(calls.filter((call) => call === `list '${join(outputs, "demo/number")}'`).length, 1);
});

Deno.test("the locks of a run go when its folder is gone", async () => {
  await using project = await TestProject.create({ number: NUMBER });
  await project.run();
  await project.run({ name: "rates/rate=1" });
  const locks = () =>
    project.list("outputs/.store/locks").filter((name) => name.startsWith("run")).sort();
  const demo = ["run-demo.lock", "running-demo.lock"];
  await cleared(project);
  equal(locks(), [demo[0], "run-rates+rate=1.lock", demo[1], "running-rates+rate=1.lock"]);
  await Deno.remove(join(project.path, "outputs/rates"), { recursive: true });
  await cleared(project);
  equal(locks(), demo);
});

Deno.test("a copy in place of links keeps an artifact too", async () => {
  await using project = await TestProject.create({ number: NUMBER });
  const disk = {
    ...realDisk,
    symlink() {
      throw new Error("not supported");
    },
  };
  await project.run({ disk });
  equal(await listed(project), []);
});

Deno.test("an unfinished checkpoint is listed unless its stage is at work", async () => {
  const run = `
    await context.checkpoint.save("half", (path) => Deno.writeTextFile(path, "half"));
    throw new Error("broken");`;
  await using project = await TestProject.create({ half: { run } });
  equal(await project.run(), { half: "failed" });
  equal(await listed(project), ["unfinished half"]);
  const [name] = project.list("outputs/.store/scratch");
  const path = join(project.path, "outputs/.store/locks", `${name}.lock`);
  {
    using _lock = await lockFile(path);
    equal(await listed(project), []);
  }
  equal((await cleared(project)).removed.length, 1);
  equal(project.list("outputs/.store/scratch"), []);
});

Deno.test("scratch of a stage that has published goes with the next run", async () => {
  await using project = await TestProject.create({ number: NUMBER });
  await project.run();
  const key = project.list("outputs/.store/number")[0];
  project.write(`outputs/.store/scratch/number-${key}/checkpoint/old`, "left by a kill");
  equal(await listed(project), ["leftover number"]);
  equal(await project.run(), { number: "fresh" });
  equal(project.list("outputs/.store/scratch"), []);
});

Deno.test("what was set aside, and what a kill left half written, is listed when it is old enough", async () => {
  await using project = await TestProject.create({ number: NUMBER });
  await project.run();
  await Deno.remove(join(project.artifact("number"), "value.txt"));
  await project.run();
  equal(await listed(project), ["aside"]);
  equal(await listed(project, 3_600_000), []);
  for (const name of ["run.json.123.tmp", "number/value.txt.123.tmp"]) {
    project.write(`outputs/demo/${name}`, "half");
  }
  equal(await listed(project), ["aside"], "another process may be about to rename it");
  const longAgo = new Date(Date.now() - 3_600_000);
  await Deno.utime(join(project.path, "outputs/demo/run.json.123.tmp"), longAgo, longAgo);
  equal(await listed(project), ["aside", "temporary"]);
  equal((await cleared(project)).removed.length, 2);
  equal(project.list("outputs/.store/aside"), []);
});

Deno.test("a lock that is asked for while its file is removed is a lock on the new file", async () => {
  const folder = await Deno.makeTempDir();
  const path = join(folder, "a.lock");
  const first = await lockFile(path);
  const waiting = lockFile(path);
  await new Promise((resolve) => setTimeout(resolve, 20));
  await Deno.remove(path); // by the one who holds it
  first.release();
  const second = await waiting;
  equal(tryLockFile(path), undefined, "the file that is there now is the one that is locked");
  second.release();
  await Deno.remove(folder, { recursive: true });
});

Deno.test("runs end well while another process clears all that it may, again and again", async () => {
  await using project = await TestProject.create({
    number: NUMBER,
    next: {
      needs: { input: "number" },
      run: `
        for (let i = 0; i < 20; i++) { // reads for a while
          await context.output.text("value.txt", await Deno.readTextFile(context.inputs.input.file("value.txt")));
          await new Promise((resolve) => setTimeout(resolve, 5));
        }`,
    },
  });
  const outputs = join(project.path, "outputs");
  let removed = 0;
  for (let round = 0; round < 3; round++) {
    for (const name of ["a", "b", "c"]) { // what is in the store is linked to by nobody
      await Deno.remove(join(outputs, name), { recursive: true }).catch(() => {});
    }
    const children = ["a", "b", "c"].map((name) => project.spawn({ name }));
    let running = true;
    const ends = Promise.all(children.map((child) => child.output())).finally(() =>
      running = false
    );
    while (running) {
      removed += (await cleared(project)).removed.length;
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    equal((await ends).map(({ code }) => code), [0, 0, 0]);
    equal(faultsOfStore(project.path), []);
    equal(Object.keys(resultsOf(project.path, "a")), Object.keys(resultsOf(project.path, "c")));
  }
  ok(removed > 0);
  equal(await project.run({ name: "b" }), { number: "fresh", next: "fresh" });
});
