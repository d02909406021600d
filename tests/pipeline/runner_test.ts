import { deepEqual as equal, match, ok, rejects } from "node:assert/strict";
import { join } from "node:path";
import { CHAIN, chain, FRESH } from "./chain.ts";
import { TestProject, type TestStage } from "./project.ts";

Deno.test("a stage that fails leaves nothing, and what needs it is skipped", async () => {
  const stages = chain();
  stages.sum.run = `await context.output.text("half", "x"); throw new Error("Cannot add");`;
  stages.apart = { run: `await context.output.text("a", "a");` };
  await using project = await TestProject.create(stages);
  equal(await project.run(), {
    numbers: "ran",
    sum: "failed",
    double: "skipped",
    apart: "skipped",
  });
  equal(project.result.exit, 1);
  equal(project.error("sum"), "Cannot add");
  equal(project.reason("double"), "sum failed");
  equal(project.list("outputs/.store/scratch"), []);
  equal(project.list("outputs/.store/sum"), []);
  equal(await project.run({ keepGoing: true }), {
    numbers: "fresh",
    sum: "failed",
    double: "skipped",
    apart: "ran",
  });
});

Deno.test("a figure that cannot be drawn fails the stage and keeps its data", async () => {
  const stages = chain();
  stages.sum.draw = `throw new Error("no colours");`;
  await using project = await TestProject.create(stages);
  equal(await project.run(), { numbers: "ran", sum: "failed", double: "skipped" });
  equal(project.error("sum"), "Cannot draw its figures: no colours");
  equal(project.json("outputs/demo/sum/sum.json"), 6);
  project.writeStage("sum", CHAIN.sum);
  equal(await project.run(), { numbers: "fresh", sum: "redrawn", double: "ran" });
});

Deno.test("--until runs a stage and what it needs", async () => {
  const stages = chain();
  stages.apart = { run: `await context.output.text("a", "a");` };
  await using project = await TestProject.create(stages);
  equal(await project.run({ until: "sum" }), {
    numbers: "ran",
    sum: "ran",
    double: "not reached",
    apart: "not reached",
  });
  equal(project.result.exit, 0);
});

Deno.test("--force runs a stage that is in place, and equal bytes stop there", async () => {
  await using project = await TestProject.create(chain());
  await project.run();
  equal(await project.run({ force: ["sum"] }), { numbers: "fresh", sum: "ran", double: "fresh" });
  equal(project.reason("sum"), "forced");
  equal(await project.run({ force: true }), { numbers: "ran", sum: "ran", double: "ran" });
  equal(await project.run(), FRESH);
});

Deno.test("an option that names a stage which is not there is refused before anything is run", async () => {
  await using project = await TestProject.create(chain());
  await rejects(project.run({ until: "summ" }), /Cannot find stage "summ" for --until/);
  await rejects(project.run({ force: ["x"] }), /Cannot find stage "x" for --force/);
  equal(project.exists("outputs"), false);
});

Deno.test("a stage whose key has no seed cannot read one", async () => {
  const draw: TestStage = { run: `await context.output.json("seed.json", context.seed);` };
  await using project = await TestProject.create({ draw });
  equal(await project.run(), { draw: "failed" });
  equal(
    project.error("draw"),
    'Cannot read the seed in "draw": its key has none; set usesSeed in its defineStage',
  );
  project.stages.draw.seed = true;
  equal(await project.run({ seed: 7 }), { draw: "ran" });
  equal(project.json("outputs/demo/draw/seed.json"), 7);
});

Deno.test("a number that is not finite is not written as null", async () => {
  await using project = await TestProject.create({
    train: {
      run: `await context.output.json("history.json", { epochs: [{ loss: 1 }, { loss: 0 / 0 }] });`,
    },
  });
  equal(await project.run(), { train: "failed" });
  equal(
    project.error("train"),
    'Cannot write NaN at "epochs.1.loss" into history.json: JSON has finite numbers only',
  );
});

Deno.test("a dry run says what would be done and writes nothing", async () => {
  await using project = await TestProject.create(chain());
  equal(await project.run({ dryRun: true }), {
    numbers: "would run",
    sum: "may run",
    double: "may run",
  });
  equal(project.exists("outputs"), false);
  await project.run();
  const before = project.read("outputs/demo/run.json");
  equal(await project.run({ dryRun: true }), FRESH);
  project.stages.double.params = { by: 2 };
  equal(await project.run({ dryRun: true }), {
    numbers: "fresh",
    sum: "fresh",
    double: "would run",
  });
  equal(project.read("outputs/demo/run.json"), before);
});

Deno.test("an interruption stops the run, and the next goes on from the checkpoint", async () => {
  const stages = chain();
  stages.sum.run = `
    let done = 0;
    const saved = await context.checkpoint.load("place.json");
    if (saved) {
      done = JSON.parse(await Deno.readTextFile(saved));
      context.report.resumed("step " + done);
    }
    for (; done < 4; done++) {
      if (done === 2 && !saved) {
        await context.checkpoint.save("place.json", (path) => Deno.writeTextFile(path, "2"));
        globalThis.dispatchEvent(new Event("test-interrupt"));
        context.signal.throwIfAborted();
      }
    }
    await context.output.json("sum.json", 6);`;
  await using project = await TestProject.create(stages);
  const controller = new AbortController();
  globalThis.addEventListener("test-interrupt", () => controller.abort(), { once: true });
  equal(await project.run({ signal: controller.signal }), {
    numbers: "ran",
    sum: "interrupted",
    double: "not reached",
  });
  equal(project.result.exit, 130);
  equal(await project.run(), { numbers: "fresh", sum: "resumed", double: "ran" });
  match(project.reason("sum"), /resumed from step 2/);
  equal(project.list("outputs/.store/scratch"), []);
});

Deno.test("a run says what it did in run.json and events.jsonl", async () => {
  await using project = await TestProject.create(chain());
  await project.run();
  const run = project.json("outputs/demo/run.json");
  equal(Object.keys(run), [
    "name",
    "config",
    "parameters",
    "seed",
    "engine",
    "started",
    "seconds",
    "stages",
  ]);
  equal(run.config, "configs/demo.yaml");
  equal(run.parameters, { numbers: { last: 3 }, sum: {}, double: { by: 1 } });
  equal(run.stages.map((stage: { status: string }) => stage.status), ["ran", "ran", "ran"]);
  const events = project.read("outputs/demo/events.jsonl").trimEnd().split("\n");
  equal(events.map((line) => JSON.parse(line)), project.events);
  ok(events.every((line) => !Number.isNaN(Date.parse(JSON.parse(line).time))));
  equal(project.events.at(0)!.type, "run-started");
  equal(project.events.at(-1)!.type, "run-finished");
});

Deno.test("a run's folder has relative links, and loses those of stages that are gone", async () => {
  await using project = await TestProject.create(chain());
  await project.run();
  const link = Deno.readLinkSync(join(project.path, "outputs/demo/double/double.json"));
  match(link, /^\.\.\/\.\.\/\.store\/double\/[0-9a-f]{64}\/double\.json$/);
  equal(project.json("outputs/demo/double/artifact.json").kind, "double");
  project.write("outputs/demo/double/notes.txt", "mine");
  delete project.stages.double;
  await project.run();
  equal(project.list("outputs/demo/double"), ["notes.txt"]);
  equal(project.exists("outputs/demo/sum/sum.json"), true);
});

Deno.test("a link that was removed or replaced is put back", async () => {
  await using project = await TestProject.create(chain());
  await project.run();
  await Deno.remove(join(project.path, "outputs/demo/sum"), { recursive: true });
  equal(await project.run(), { numbers: "fresh", sum: "restored", double: "fresh" });
  equal(project.json("outputs/demo/sum/sum.json"), 6);
  equal(project.exists("outputs/demo/sum/figures/sum.svg"), true);
});
