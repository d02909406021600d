import { deepEqual as equal, match, ok } from "node:assert/strict";
import { TestProject, type TestStage } from "./project.ts";
import { chain } from "./chain.ts";

/** Counts to four, a checkpoint at each step, and notes each step in a file beside the project. */
const COUNT: TestStage = {
  run: `
    let done = 0;
    const saved = await context.checkpoint.load("done.json");
    if (saved) done = JSON.parse(await Deno.readTextFile(saved));
    while (done < 4) {
      const line = Deno.pid + " step " + done + "\\n";
      await Deno.writeTextFile(context.project + "/log", line, { append: true });
      done++;
      await context.checkpoint.save("done.json", (path) => Deno.writeTextFile(path, String(done)));
      while (done === 2 && !saved && await exists(context.project + "/hold")) {
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    }
    await context.output.json("count.json", done);
    async function exists(path) { return await Deno.stat(path).then(() => true, () => false); }`,
};

const LEASES = { VITRINE_LOCKS: "lease", VITRINE_LEASE: "2" };

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 20));
}

async function output(child: Deno.ChildProcess) {
  const { stdout } = await child.output();
  return JSON.parse(new TextDecoder().decode(stdout));
}

/** Steps in the order in which they were done, each with the number of the process. */
function steps(project: TestProject): string[] {
  return project.read("log").trimEnd().split("\n");
}

Deno.test("four runs that lock by leases do each stage once", async () => {
  await using project = await TestProject.create({ ...chain(), count: COUNT });
  const names = ["a", "b", "c", "d"];
  const children = names.map((name) =>
    project.spawn({ name, env: { ...LEASES, VITRINE_LEASE: "20" } })
  );
  const results = await Promise.all(children.map(output));
  for (const stage of ["numbers", "sum", "double", "count"]) {
    const statuses = results.map(({ statuses }) => statuses[stage])
      // Who finds the data may come to the figures before the one that made it.
      .map((status) => stage === "sum" && status === "redrawn" ? "restored" : status).sort();
    equal(statuses, ["ran", "restored", "restored", "restored"], `${stage} ${statuses}`);
  }
  equal(steps(project).map((line) => line.split(" ")[2]), ["0", "1", "2", "3"]);
  equal(project.list("outputs/.store/scratch"), []);
  equal(project.list("outputs/.store/locks/.leases"), []);
});

Deno.test("the checkpoint of a killed run goes to the one that waits, after the bound", async () => {
  await using project = await TestProject.create({ count: COUNT });
  project.write("hold", "");
  const first = project.spawn({ env: LEASES });
  await until(() => project.exists("log") && project.read("log").includes("step 1\n"));
  const second = project.spawn({ name: "other", env: LEASES });
  const log = "outputs/other/events.jsonl";
  await until(() => project.exists(log) && project.read(log).includes('"type":"waiting"'));
  await new Promise((resolve) => setTimeout(resolve, 200)); // the checkpoint is saved
  first.kill("SIGKILL");
  await first.output();
  await Deno.remove(`${project.path}/hold`);
  equal((await output(second)).statuses, { count: "ran" });
  equal(steps(project).map((line) => line.split(" ")[2]), ["0", "1", "2", "3"]);
  match(project.read(log), /locks: lease files, as VITRINE_LOCKS says/);
});

Deno.test("a run that stood still for longer than the bound takes what another has made meanwhile", async () => {
  await using project = await TestProject.create({ count: COUNT });
  project.write("hold", "");
  const first = project.spawn({ env: LEASES });
  await until(() => project.exists("log") && project.read("log").includes("step 1\n"));
  await new Promise((resolve) => setTimeout(resolve, 500));
  first.kill("SIGSTOP");
  const second = project.spawn({ name: "other", env: LEASES });
  await until(() =>
    project.exists("log") && project.read("log").includes(`${second.pid} step 2\n`)
  );
  const made = await output(second);
  equal(made.statuses, { count: "ran" });
  const inode = Deno.statSync(project.artifact("count")).ino;
  await Deno.remove(`${project.path}/hold`);
  first.kill("SIGCONT");
  const late = await output(first);
  equal(late.statuses.count === "fresh" || late.statuses.count === "restored", true);
  equal(Deno.statSync(project.artifact("count")).ino, inode, "what was published stays");
  match(project.read("outputs/demo/events.jsonl"), /stood still for so long/);
  // The old one had its next step in hand when it was stopped, and no more.
  const own = steps(project).filter((line) => line.startsWith(`${first.pid} `));
  ok(own.length <= 3, own.join());
  equal(project.list("outputs/.store/scratch"), []);
});
