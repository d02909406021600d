import { deepEqual as equal, match, ok } from "node:assert/strict";
import { join } from "node:path";
import { readHolder } from "../../base/lock.ts";
import { flipByte, TestProject, type TestStage } from "./project.ts";

/** Counts to four, a checkpoint at each step, and notes each step in a file beside the project. */
const COUNT: TestStage = {
  params: { slow: true },
  run: `
    let done = 0;
    const saved = await context.checkpoint.load("done.json");
    if (saved) {
      done = JSON.parse(await Deno.readTextFile(saved));
      context.report.resumed("step " + done);
    }
    while (done < 4) {
      await Deno.writeTextFile(context.project + "/log", "step " + done + "\\n", { append: true });
      done++;
      await context.checkpoint.save("done.json", (path) => Deno.writeTextFile(path, String(done)));
      while (done === 2 && !saved && await exists(context.project + "/hold")) {
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    }
    await context.output.json("count.json", done);
    async function exists(path) { return await Deno.stat(path).then(() => true, () => false); }`,
};

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 10));
}

async function output(child: Deno.ChildProcess) {
  const { stdout } = await child.output();
  return JSON.parse(new TextDecoder().decode(stdout));
}

Deno.test("a run that is killed goes on from its checkpoint, and its lock is free", async () => {
  await using project = await TestProject.create({ count: COUNT });
  project.write("hold", "");
  const child = project.spawn();
  await until(() => project.exists("log") && project.read("log").includes("step 1\n"));
  const saved = () =>
    project.list("outputs/.store/scratch")
      .some((name) => {
        const path = `outputs/.store/scratch/${name}/checkpoint/done.json`;
        return project.exists(path) && project.read(path) === "2";
      });
  await until(saved);
  child.kill("SIGKILL");
  await child.output();
  await Deno.remove(join(project.path, "hold"));
  equal(await project.run(), { count: "resumed" });
  equal(project.reason("count"), "first run; resumed from step 2");
  equal(project.read("log"), "step 0\nstep 1\nstep 2\nstep 3\n");
  equal(project.json("outputs/demo/count/count.json"), 4);
  equal(project.list("outputs/.store/scratch"), []);
  equal(await project.run(), { count: "fresh" });
});

Deno.test("a checkpoint that was damaged after a kill is not used", async () => {
  await using project = await TestProject.create({ count: COUNT });
  project.write("hold", "");
  const child = project.spawn();
  await until(() => project.exists("log") && project.read("log").includes("step 1\n"));
  const [name] = project.list("outputs/.store/scratch");
  const checkpoint = `outputs/.store/scratch/${name}/checkpoint/done.json`;
  await until(() => project.exists(checkpoint) && project.read(checkpoint) === "2");
  child.kill("SIGKILL");
  await child.output();
  await Deno.remove(join(project.path, "hold"));
  flipByte(join(project.path, checkpoint));
  equal(await project.run(), { count: "ran" });
  match(project.warnings()[0], /The checkpoint done.json is damaged/);
  equal(project.json("outputs/demo/count/count.json"), 4);
});

Deno.test("two runs side by side do each stage once, and the second says whom it waits for", async () => {
  await using project = await TestProject.create({
    count: COUNT,
    more: { run: COUNT.run, params: { slow: false }, needs: { data: "count" } },
  });
  project.write("hold", "");
  const children = [project.spawn(), project.spawn({ name: "other" })];
  const logs = ["outputs/demo/events.jsonl", "outputs/other/events.jsonl"];
  await until(() =>
    logs.some((log) => project.exists(log) && project.read(log).includes('"type":"waiting"'))
  );
  await Deno.remove(join(project.path, "hold"));
  const results = await Promise.all(children.map(output));
  const statuses = results.map(({ statuses }) => statuses.count).sort();
  equal(statuses, ["ran", "restored"]);
  const steps = project.read("log").trimEnd().split("\n");
  equal(steps.filter((step) => step === "step 0").length, 2); // once for each of the two stages
  equal(steps.length, 8);
  const pids = children.map(({ pid }) => pid);
  const waited = results.flatMap(({ waited }) => waited);
  ok(waited.length > 0 && waited.every((pid: number) => pids.includes(pid)), String(waited));
});

Deno.test("an artifact that was damaged is set aside, said, and made again", async () => {
  await using project = await TestProject.create({ count: COUNT });
  await project.run();
  flipByte(join(project.artifact("count"), "count.json"));
  equal(await project.run(), { count: "ran" });
  match(project.reason("count"), /its artifact was damaged: the bytes of count.json/);
  match(project.warnings()[0], /was damaged .*moved to .*aside.* and is made again/);
  equal(project.list("outputs/.store/aside").length, 1);
  equal(project.json("outputs/demo/count/count.json"), 4);
  equal(await project.run(), { count: "fresh" });
});

Deno.test("a lock file names its holder and stays when it is given back", async () => {
  await using project = await TestProject.create({ count: COUNT });
  await project.run();
  const locks = project.list("outputs/.store/locks").filter((name) =>
    /^count-.*\.lock$/.test(name)
  );
  equal(locks.length, 1);
  const path = join(project.path, "outputs/.store/locks", locks[0]);
  equal(readHolder(path), Deno.pid);
});
