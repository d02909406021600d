import { deepEqual as equal, match, ok } from "node:assert/strict";
import { join } from "node:path";
import { previewPlan } from "../../pipeline/runner.ts";
import { artifactSchema, figuresSchema, runSchema } from "../../pipeline/schemas.ts";
import { realDisk } from "../../pipeline/disk.ts";
import { Program } from "../../pipeline/program.ts";
import { failingDisk, TestProject, type TestStage } from "./project.ts";

/** A stage that asks for features that it shares, with a key of their own. */
const freeze = (blocks: number, head: string): TestStage => ({
  params: { blocks, head },
  run: `
    const features = await context.cached({
      kind: "features",
      record: { blocks: context.params.blocks },
      code: import.meta.url.split("?")[0],
      async build({ output, checkpoint }) {
        context.report.record("built", true);
        let from = 0;
        if (await checkpoint.load("0")) { from = 1; context.report.resumed("shard 1"); }
        for (let shard = from; shard < 3; shard++) {
          context.report.progress(shard, 3, "shards");
          await checkpoint.save(String(shard), (path) => Deno.writeTextFile(path, "shard " + shard));
          if (shard === 0 && context.params.head === "break") throw new Error("broken");
        }
        for (const name of await checkpoint.list()) await output.take(name, await checkpoint.load(name));
      },
    });
    for (const name of features.files) await context.output.take("features/" + name, features.file(name));
    await context.output.text("head", context.params.head);`,
});

Deno.test("what stages share is made once, whatever else differs between them", async () => {
  await using project = await TestProject.create({ freeze: freeze(6, "a") });
  equal(await project.run(), { freeze: "ran" });
  equal(project.read("outputs/demo/freeze/features/2"), "shard 2");
  const first = project.list("outputs/.store/features");
  project.stages.freeze.params = { blocks: 6, head: "b" };
  equal(await project.run(), { freeze: "ran" });
  equal(project.list("outputs/.store/features"), first);
  equal(project.json("outputs/demo/freeze/artifact.json").made.built, undefined);
  equal(project.json("outputs/demo/freeze/artifact.json").made.used, [
    { kind: "features", key: first[0] },
  ]);
  project.stages.freeze.params = { blocks: 4, head: "b" };
  await project.run();
  equal(project.list("outputs/.store/features").length, 2);
  equal(await project.run(), { freeze: "fresh" });
});

Deno.test("--force makes what is shared anew, from its beginning, once in a process", async () => {
  await using project = await TestProject.create({ freeze: freeze(6, "break") });
  await project.run(); // leaves a checkpoint
  project.stages.freeze.params = { blocks: 6, head: "a" };
  const made = () => project.json("outputs/demo/freeze/artifact.json").made;
  const program = project.program();
  equal(await project.run({ program, force: ["freeze"] }), { freeze: "ran" });
  equal(made().built, true);
  project.stages.freeze.params = { blocks: 6, head: "b" };
  equal(await project.run({ program, force: ["freeze"] }), { freeze: "ran" });
  equal(made().built, undefined);
  equal(await project.run({ force: true }), { freeze: "ran" });
  equal(made().built, true);
});

Deno.test("work on what is shared goes on where it was broken off", async () => {
  await using project = await TestProject.create({ freeze: freeze(6, "break") });
  equal(await project.run(), { freeze: "failed" });
  project.stages.freeze.params = { blocks: 6, head: "a" };
  equal(await project.run(), { freeze: "resumed" });
  match(project.reason("freeze"), /resumed from shard 1/);
  const progress = project.events.filter(({ type }) => type === "progress");
  ok(
    progress.length > 0 && progress.every((event) => "stage" in event && event.stage === "freeze"),
  );
});

Deno.test("where the disk has no links a run's folder has copies", async () => {
  await using project = await TestProject.create({
    numbers: {
      run: `await context.output.text("deep/a.txt", context.params.text);`,
      params: { text: "one" },
    },
  });
  const disk = failingDisk(realDisk, {
    symlink() {
      throw new Deno.errors.NotSupported("no links here");
    },
  });
  await project.run({ disk });
  equal(Deno.lstatSync(join(project.path, "outputs/demo/numbers/deep/a.txt")).isFile, true);
  equal(await project.run({ disk }), { numbers: "fresh" });
  project.stages.numbers.params = { text: "two" };
  await project.run({ disk });
  equal(project.read("outputs/demo/numbers/deep/a.txt"), "two");
  equal(project.json("outputs/demo/numbers/artifact.json").record.parameters, { text: "two" });
  delete project.stages.numbers;
  await project.run({ disk });
  equal(project.exists("outputs/demo/numbers"), false);
});

Deno.test("a full disk is said in one sentence with what to do, and the next run is whole", async () => {
  await using project = await TestProject.create({
    numbers: { run: `await context.output.text("a.txt", "one");` },
  });
  const disk = failingDisk(realDisk, {
    write(path, content) {
      if (path.endsWith("a.txt")) {
        const message = `No space left on device (os error 28): writefile '${path}'`;
        throw Object.assign(new Error(message), { code: "ENOSPC" });
      }
      realDisk.write(path, content);
    },
  });
  equal(await project.run({ disk }), { numbers: "failed" });
  match(
    project.error("numbers")!,
    /^Cannot publish numbers \(\/.*a\.txt\): the disk is full\nFree some space/,
  );
  equal(project.list("outputs/.store/scratch"), []);
  equal(await project.run(), { numbers: "ran" });
});

Deno.test("a disk that is full while figures are drawn is said in the same way", async () => {
  await using project = await TestProject.create({
    numbers: {
      run: `await context.output.text("a.txt", "one");`,
      draw: `return [{ name: "one", title: "One", description: "It", spec: { mark: "bar" } }];`,
    },
  });
  const disk = failingDisk(realDisk, {
    write(path, content) {
      if (path.endsWith("one.svg")) {
        const message = `No space left on device (os error 28): writefile '${path}'`;
        throw Object.assign(new Error(message), { code: "ENOSPC" });
      }
      realDisk.write(path, content);
    },
  });
  equal(await project.run({ disk }), { numbers: "failed" });
  match(
    project.error("numbers")!,
    /^Cannot draw the figures of numbers \(\/.*one\.svg\): the disk is full\nFree some space\.$/,
  );
  equal(await project.run(), { numbers: "redrawn" });
});

Deno.test("the files that a run leaves have the documented form", async () => {
  await using project = await TestProject.create({
    numbers: {
      run: `await context.engine(); await context.output.text("a.txt", "one");
        context.report.record("source", "npm");`,
      draw: `return [{ name: "one", title: "One", description: "It", spec: { mark: "bar" } }];`,
    },
    wrong: { run: `throw new Error("no");` },
  });
  await project.run();
  const run = project.json("outputs/demo/run.json");
  equal(runSchema.parse(run), run);
  equal(run.engine, "a test");
  const artifact = project.json("outputs/demo/numbers/artifact.json");
  equal(artifactSchema.parse(artifact), artifact);
  equal(artifact.made.host, "test");
  equal(artifact.made.source, "npm");
  equal(artifact.made.engine.threads, 1);
  equal(artifact.made.paths.project, project.path);
  const drawn = project.json("outputs/demo/numbers/figures/artifact.json");
  equal(artifactSchema.parse(drawn), drawn);
  const figures = project.json("outputs/demo/numbers/figures/figures.json");
  equal(figuresSchema.parse(figures), [{ name: "one", title: "One", description: "It" }]);
});

Deno.test("clock, host and paths are in artifact.json alone: two projects have equal contents", async () => {
  const stages = () => ({ numbers: { run: `await context.output.text("a.txt", "one");` } });
  await using one = await TestProject.create(stages());
  await using two = await TestProject.create(stages());
  await one.run();
  await two.run({ made: { host: "elsewhere" } });
  const [first, second] = [one, two].map((p) => p.json("outputs/demo/numbers/artifact.json"));
  equal(first.key, second.key);
  equal(first.content, second.content);
});

Deno.test("a preview has the record of each key that can be known", async () => {
  await using project = await TestProject.create({
    numbers: { run: `await context.output.text("a.txt", "one");`, params: { last: 3 } },
    sum: { run: `await context.output.text("b.txt", "two");`, needs: { data: "numbers" } },
  });
  const preview = () =>
    previewPlan(project.plan(), {
      signal: new AbortController().signal,
      engine: () => Promise.reject(new Error("not here")),
      made: {},
      renderer: {
        module: join(project.path, "figures/render.ts"),
        load: () => Promise.reject(new Error("not here")),
      },
      program: new Program(project.path),
    });
  const before = await preview();
  equal(before.map(({ record }) => record?.parameters), [{ last: 3 }, undefined]);
  equal(before[1].reason, "numbers would run");
  await project.run();
  const after = await preview();
  equal(after.map(({ status }) => status), ["fresh", "fresh"]);
  equal(after[1].record!.inputs, { data: after[0].artifact!.content });
});
