import { deepEqual as equal, match, ok, rejects } from "node:assert/strict";
import { join } from "node:path";
import { TestProject, type TestStage } from "./project.ts";

const ONE: Record<string, TestStage> = {
  numbers: {
    run: `await context.output.json("numbers.json", [1, 2, context.params.last]);`,
    params: { last: 3 },
  },
};

/** numbers -> sum -> double; `sum` adds, `double` multiplies what `sum` found. */
const CHAIN: Record<string, TestStage> = {
  ...ONE,
  sum: {
    run:
      `const numbers = JSON.parse(await Deno.readTextFile(context.inputs.data.file("numbers.json")));
      await context.output.json("sum.json", numbers.reduce((a, b) => a + b, 0));`,
    needs: { data: "numbers" },
    draw: `return [{ name: "sum", title: "Sum", description: "The sum", spec: { mark: "bar" } }];`,
  },
  double: {
    run: `const sum = JSON.parse(await Deno.readTextFile(context.inputs.data.file("sum.json")));
      await context.output.json("double.json", 2 * sum * context.params.by);`,
    needs: { data: "sum" },
    params: { by: 1 },
  },
};

const chain = () => structuredClone(CHAIN);
const FRESH = { numbers: "fresh", sum: "fresh", double: "fresh" };

Deno.test("a stage runs once, and is fresh while nothing changes", async () => {
  await using project = await TestProject.create(chain());
  equal(await project.run(), { numbers: "ran", sum: "ran", double: "ran" });
  equal(project.json("outputs/demo/double/double.json"), 12);
  equal(project.reason("double"), "first run");
  equal(project.result.exit, 0);
  equal(await project.run(), FRESH);
});

Deno.test("a changed parameter runs its stage and those below", async () => {
  await using project = await TestProject.create(chain());
  await project.run();
  project.stages.double.params = { by: 5 };
  equal(await project.run(), { numbers: "fresh", sum: "fresh", double: "ran" });
  equal(project.reason("double"), "double.by was 1 and is 5");
  equal(project.json("outputs/demo/double/double.json"), 60);
});

Deno.test("going back to an earlier parameter finds the artifact in the store", async () => {
  await using project = await TestProject.create(chain());
  await project.run();
  project.stages.double.params = { by: 5 };
  await project.run();
  project.stages.double.params = { by: 1 };
  equal(await project.run(), { numbers: "fresh", sum: "fresh", double: "restored" });
  equal(project.json("outputs/demo/double/double.json"), 12);
});

Deno.test("another run finds the artifacts of the first", async () => {
  await using project = await TestProject.create(chain());
  await project.run();
  equal(await project.run({ name: "other" }), {
    numbers: "restored",
    sum: "restored",
    double: "restored",
  });
});

Deno.test("an input that is made again with equal bytes runs nothing below", async () => {
  await using project = await TestProject.create(chain());
  await project.run();
  project.writeStage("numbers", {
    ...project.stages.numbers,
    run:
      `const last = context.params.last;\nawait context.output.json("numbers.json", [1, 2, last]);`,
  });
  equal(await project.run(), { numbers: "ran", sum: "fresh", double: "fresh" });
  equal(project.reason("numbers"), "the code of stages/numbers/run.ts changed");
});

Deno.test("a comment, a blank line or a reformatted line in code runs nothing", async () => {
  await using project = await TestProject.create(chain());
  await project.run();
  project.writeStage("numbers", {
    ...project.stages.numbers,
    run:
      `// the numbers\n\nawait context.output.json(\n  'numbers.json',\n  [1, 2, context.params.last,],\n)\n`,
  });
  equal(await project.run(), FRESH);
});

Deno.test("figure code that changes only redraws", async () => {
  await using project = await TestProject.create(chain());
  await project.run();
  equal(project.list("outputs/demo/sum/figures"), [
    "artifact.json",
    "figures.json",
    "sum.png",
    "sum.svg",
    "sum.vl.json",
  ]);
  project.writeStage("sum", {
    ...project.stages.sum,
    draw:
      `return [{ name: "total", title: "Total", description: "The sum", spec: { mark: "point" } }];`,
  });
  equal(await project.run(), { numbers: "fresh", sum: "redrawn", double: "fresh" });
  equal(project.reason("sum"), "the code of stages/sum/draw.ts changed");
  equal(project.json("outputs/demo/sum/figures/total.vl.json"), { mark: "point" });
  equal(project.exists("outputs/demo/sum/figures/sum.svg"), false);
});

Deno.test("the renderer's code redraws all figures", async () => {
  await using project = await TestProject.create(chain());
  await project.run();
  project.write("figures/render.ts", "export const renderer = 2;\n");
  equal(await project.run(), { numbers: "fresh", sum: "redrawn", double: "fresh" });
});

Deno.test("the seed counts only where a stage uses it", async () => {
  const stages = chain();
  stages.sum.seed = true;
  await using project = await TestProject.create(stages);
  await project.run({ seed: 1 });
  equal(await project.run({ seed: 2 }), { numbers: "fresh", sum: "ran", double: "fresh" });
  equal(project.reason("sum"), "seed was 1 and is 2");
});

Deno.test("moving the project runs nothing", async () => {
  const project = await TestProject.create(chain());
  await project.run();
  const moved = `${project.path}-moved`;
  await Deno.rename(project.path, moved);
  project.path = moved;
  await using _cleanup = project;
  equal(await project.run(), FRESH);
  equal(project.json("outputs/demo/double/double.json"), 12);
});

Deno.test("outside files count by content, not by place", async () => {
  await using project = await TestProject.create({
    read: {
      run:
        `await context.output.text("text", await Deno.readTextFile(context.params.from + "/a.txt"));`,
      params: {},
    },
  });
  const use = (folder: string) => {
    const stage = project.stages.read;
    stage.params = { from: join(project.path, folder) };
    stage.files = { from: { root: folder, files: ["a.txt"] } };
  };
  project.write("here/a.txt", "one");
  project.write("there/a.txt", "one");
  use("here");
  equal(await project.run(), { read: "ran" });
  use("there");
  equal(await project.run(), { read: "fresh" });
  project.write("there/a.txt", "two");
  equal(await project.run(), { read: "ran" });
  equal(project.reason("read"), "the files of read.from changed");
});

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
