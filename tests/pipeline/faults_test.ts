import { deepEqual as equal, match, ok } from "node:assert/strict";
import { join } from "node:path";
import { DiskError, messageOf, UserError } from "../../base/errors.ts";
import { type Fault, FAULTS, FaultyDisk } from "./faulty_disk.ts";
import { flipByte, TestProject, type TestStage } from "./project.ts";
import { faultsOfStore, resultsOf } from "./store_check.ts";

const LONG = Deno.env.get("VITRINE_LONG_TESTS") === "1";
/** In a normal run every so manieth call fails once; in a long one each does, in every way. */
const STRIDE = 9;

/** Two stages that use all that the store offers: a checkpoint, shared work, files taken, figures. */
const STAGES: Record<string, TestStage> = {
  make: {
    params: { data: "data" },
    files: { data: { root: "data", files: ["a.txt"] } },
    run: `
      let step = 0;
      const saved = await context.checkpoint.load("step");
      if (saved) {
        step = Number(await Deno.readTextFile(saved));
        context.report.resumed("step " + step);
      }
      while (step < 2) {
        step++;
        await context.checkpoint.save("step", (path) => Deno.writeTextFile(path, String(step)));
      }
      await context.output.json("deep/step.json", { step });
      await context.output.text("text.txt", await Deno.readTextFile(context.project + "/data/a.txt"));`,
    draw: `return [{ name: "one", title: "One", description: "One", spec: { mark: "bar" } }];`,
  },
  use: {
    needs: { input: "make" },
    run: `
      const shared = await context.cached({
        kind: "shared",
        record: { of: context.inputs.input.content },
        code: "file://" + context.project + "/stages/use/run.ts",
        build: async ({ output, checkpoint }) => {
          await checkpoint.save("part", (path) => Deno.writeTextFile(path, "part"));
          await output.take("part", await checkpoint.load("part"));
        },
      });
      await context.output.take("part", shared.file("part"));
      await context.output.bytes("bytes", new Uint8Array([1, 2, 3]));`,
  },
};

/** What a run finds when the fault comes, made with a disk that works. */
const SCENES: Record<string, (project: TestProject) => Promise<void>> = {
  "a first run": () => Promise.resolve(),
  "a run that finds an artifact damaged": async (project) => {
    await project.run();
    flipByte(join(project.artifact("make"), "text.txt"));
  },
  "a run with nothing to do": async (project) => void await project.run(),
  "a run of a config that has changed": async (project) => {
    project.stages = { ...STAGES, gone: { run: "" }, make: { ...STAGES.make, params: { x: 1 } } };
    project.writeStage("gone", project.stages.gone);
    await project.run();
    project.stages = STAGES;
  },
};

async function open(scene: string): Promise<TestProject> {
  const project = await TestProject.create({ ...STAGES });
  project.write("data/a.txt", "some text\n");
  await SCENES[scene](project);
  return project;
}

/** Runs with a disk that fails; @returns the sentences that the user is told, if it ended badly. */
async function runFaulty(project: TestProject, faulty: FaultyDisk): Promise<string[] | undefined> {
  try {
    await project.run({ disk: faulty.disk });
    if (project.result.exit === 0) return undefined;
    equal(project.result.exit, 1);
    for (const error of project.result.thrown) ok(error instanceof DiskError, messageOf(error));
    return project.result.stages.flatMap(({ error }) => error ?? []);
  } catch (error) {
    ok(error instanceof DiskError, `${faulty.failed}: ${messageOf(error)}`);
    return [[error.message, (error as UserError).hint].join("\n")];
  }
}

async function check(scene: string, failAt: number, fault: Fault, whole: unknown): Promise<string> {
  await using project = await open(scene);
  const faulty = new FaultyDisk(failAt, fault);
  const said = await runFaulty(project, faulty);
  const where = `${fault} at call ${failAt}, ${faulty.failed}`;
  for (const text of said ?? []) {
    // What, where, why; then what to do.
    match(text, /^Cannot [^\n]+ \(\/[^\n]+\): [^\n]+\n[A-Z][^\n]+\.$/, `${where}: ${text}`);
  }
  if (said !== undefined) equal(said.length, 1, where);
  if (scene !== "a run that finds an artifact damaged") {
    equal(faultsOfStore(project.path), [], where);
  }
  if (said === undefined) equal(resultsOf(project.path, "demo"), whole, where);
  // The disk works again.
  await project.run();
  equal(project.result.exit, 0, `${where}: ${project.result.stages.map(({ error }) => error)}`);
  equal(faultsOfStore(project.path), [], where);
  equal(resultsOf(project.path, "demo"), whole, where);
  equal(project.list("outputs/.store/scratch"), [], where);
  equal(await project.run(), { make: "fresh", use: "fresh" }, where);
  return said === undefined ? "went on" : "stopped";
}

for (const scene of Object.keys(SCENES)) {
  Deno.test(`${scene} survives every call to the disk that fails`, async () => {
    const counting = new FaultyDisk();
    let whole: unknown;
    {
      await using project = await open(scene);
      equal(await runFaulty(project, counting), undefined);
      whole = resultsOf(project.path, "demo");
    }
    const ends: Record<string, number> = {};
    for (let call = 1; call <= counting.calls.length; call++) {
      const faults = LONG ? FAULTS : [FAULTS[call % FAULTS.length]];
      if (!LONG && call % STRIDE !== 0) continue;
      for (const fault of faults) {
        const end = await check(scene, call, fault, whole);
        ends[end] = (ends[end] ?? 0) + 1;
      }
    }
    if (LONG) console.log(`${scene}: ${counting.calls.length} calls, ${JSON.stringify(ends)}`);
    ok((ends.stopped ?? 0) > 0);
  });
}
