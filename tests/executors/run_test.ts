import { deepStrictEqual as equal, match, ok, rejects, strictEqual } from "node:assert/strict";
import { UserError } from "../../base/errors.ts";
import { random } from "../../base/random.ts";
import { workerRecordSchema } from "../../executors/plan.ts";
import { Unanswered } from "../../executors/scheduler.ts";
import { CommandProject, TINY_CONFIG, TINY_STAGES } from "../commands/project.ts";
import { FakeScheduler } from "./fake_scheduler.ts";
import { resultsOf, runBy, runQuietly } from "./project.ts";

/** Another one kills at other moments. */
const SEED = Number(Deno.env.get("VITRINE_SEED") ?? 1);

const ZOD = /from ("[^"]+")/.exec(TINY_STAGES["stages/data.ts"])![1];

/** Between the two: a stage whose work falls into six parts, each slow enough to be killed in. */
const TRUNK = `
  import { z } from ${ZOD};
  const COUNT = 6;
  const slow = () => new Promise((resolve) => setTimeout(resolve, 60));
  export const stage = {
    kind: "trunk",
    summary: "Makes parts",
    params: z.strictObject({ depth: z.int().default(1) }),
    inputs: { data: "data" },
    parts: true,
    run: () => Promise.resolve({
      async run({ params, inputs, output, cached, report }) {
        const text = (part) => [inputs.data.content, params.depth, part].join(" ");
        const shared = await cached({
          kind: "parted",
          record: { data: inputs.data.content, depth: params.depth },
          code: import.meta.url,
          parts: {
            count: COUNT,
            open: () => Promise.resolve({
              async make(part, output) {
                await slow();
                await output.text("part-" + part, text(part));
              },
              [Symbol.dispose]() {},
            }),
          },
          async build({ output, parts }) {
            let taken = 0;
            for (let part = 0; part < COUNT; part++) {
              if (await parts.take(part, output)) taken++;
              else await slow(), await output.text("part-" + part, text(part));
            }
            report.line(taken + " parts taken");
          },
        });
        for (const file of shared.files) await output.take(file, shared.file(file));
      },
    }),
  };`;

const STAGES = {
  ...TINY_STAGES,
  "stages/trunk.ts": TRUNK,
  "stages/train.ts": TINY_STAGES["stages/train.ts"]
    .replace('inputs: { data: "data" }', 'inputs: { data: "data", trunk: "trunk" }')
    .replace('report.line("at work");', "await new Promise((resolve) => setTimeout(resolve, 80));"),
};

/** Three tasks: what comes before the trunk's parts, those, and the run. */
const CONFIG = `executor: { slurm: { array_limit: 1 } }
stages:
  data: { uses: ./stages/data.ts }
  trunk: { uses: ./stages/trunk.ts }
  train: { uses: ./stages/train.ts }
`;

/** Nothing in parts: one task. */
const ONE = "executor: { slurm: {} }\n" + TINY_CONFIG;

/** One task, two times two for the parts of two trunks, 12 points by four: 8. */
const SWEEP = CONFIG.replace("array_limit: 1", "array_limit: 4, pack: 4") + `sweep:
  method: grid
  parameters:
    trunk.depth: [1, 2]
    train.accuracy: [0.1, 0.2, 0.3, 0.4, 0.5, 0.6]
`;

/** What a machine by itself makes of a config, when it runs it a second time. */
async function alone(config: string): Promise<Record<string, string>> {
  await using project = await CommandProject.create({ ...STAGES, "grid.yaml": config });
  for (let i = 0; i < 2; i++) strictEqual(await runQuietly(project, "grid.yaml"), 0);
  return resultsOf(project, "grid");
}

const recordsOf = (project: CommandProject) =>
  project.list("outputs/grid/.cluster/records").filter((name) => name.endsWith(".json"))
    .map((name) => workerRecordSchema.parse(project.json(`outputs/grid/.cluster/records/${name}`)));

Deno.test("12 points on two nodes, workers killed, submitted twice: every point once, as on one machine", async () => {
  await using project = await CommandProject.create({ ...STAGES, "grid.yaml": SWEEP });
  const moments = random(SEED, "kills");
  let [starts, kills] = [0, 0];
  const killed = new Map<string, number>();
  const scheduler = new FakeScheduler({
    places: 2,
    restarts: 9,
    onStart(task, child) {
      const times = killed.get(task) ?? 0;
      if (times === 5) return; // on a busy machine no start outlives its kill: some restarts are to be left
      if (++starts > 3 && moments.uniform() < 0.5) return;
      const wait = moments.uniform() * 400;
      // Once it has begun to work; a machine that is busy takes long to get there.
      const timer = setInterval(() => {
        if (!recordsOf(project).some(({ pid, exit }) => pid === child.pid && exit === null)) return;
        clearInterval(timer);
        setTimeout(() => {
          try {
            child.kill("SIGKILL");
            kills++;
            killed.set(task, times + 1);
          } catch {
            // It has ended.
          }
        }, wait);
      }, 20);
      child.status.then(() => clearInterval(timer));
    },
  });
  const first = await runBy(scheduler, project, "grid.yaml");
  match(first.out, /^grid: 8 tasks: 8 not submitted\nSubmitted 8 tasks to the fake: 1, 2, 3/);
  strictEqual(first.exit, 0);
  const again = await runBy(scheduler, project, "grid.yaml");
  ok(!again.out.includes("Submitted"), again.out);
  await scheduler.idle();
  const last = await runBy(scheduler, project, "grid.yaml");
  strictEqual(last.exit, 0, last.errors);
  match(last.out, /8 tasks: 8 done/);
  match(last.out, /Best by validation accuracy: outputs\/grid\/depth-1_accuracy-0\.6/);
  ok(kills > 0, "or else this test tests nothing");

  equal(resultsOf(project, "grid"), await alone(SWEEP));
  // One artifact for each of what points share, and every part was taken.
  equal(project.list("outputs/.store/data").length, 1);
  equal(project.list("outputs/.store/parted").length, 2);
  equal(project.list("outputs/.store/pretend").length, 12);
  equal(project.list("outputs/.store/scratch"), []);
  equal(project.list("outputs/grid/.cluster/work"), []);
  const points = project.json("outputs/grid/sweep.json").points;
  equal(points.map(({ status }: { status: string }) => status), Array(12).fill("fresh"));
  const records = recordsOf(project);
  ok(records.some(({ exit, restart }) => exit === null && restart === 0));
  ok(records.some(({ spans }) => spans.some(({ what }) => what === "part")));
  ok(records.filter(({ exit }) => exit === 0).every(({ spans }) => spans[0].what === "start"));
  ok(records.every(({ job }) => /^\d+_\d$/.test(job!)));
});

Deno.test("a point that fails stops no other, is named with its log, and goes again when asked", async () => {
  const failing = ONE.replace("{}", "{ pack: 3 }") +
    "sweep: { method: list, points: [{ train.accuracy: 0.5 }, { train.accuracy: -1 }, { train.accuracy: 0.7 }] }\n";
  await using project = await CommandProject.create({ ...TINY_STAGES, "grid.yaml": failing });
  const scheduler = new FakeScheduler({ places: 2 });
  await runBy(scheduler, project, "grid.yaml");
  await scheduler.idle();
  equal(scheduler.started, ["points-0"]);
  scheduler.held = true;
  const { exit, out, errors } = await runBy(scheduler, project, "grid.yaml");
  strictEqual(exit, 1);
  match(out, /1 task: 1 failed/);
  const [failed, log] = errors.trim().split("\n");
  strictEqual(failed, "failed: points-0: accuracy--1: train: It does not learn");
  match(Deno.readTextFileSync(log.replace("  log: ", "")), /It does not learn/);
  // What is done is ranked already.
  const sweep = project.json("outputs/grid/sweep.json");
  strictEqual(sweep.best, "accuracy-0.7");
  equal(sweep.points.map(({ status }: { status: string }) => status), ["fresh", "fresh", "failed"]);
  match(out, /Submitted 1 task to the fake/);
  // The second attempt is to have a record of its own.
  equal(recordsOf(project).map(({ restart }) => restart), [0]);
  strictEqual(project.json("outputs/grid/.cluster/submissions/0001.json").restart, 1);
});

Deno.test("what ends while it is asked after is not taken for lost", async () => {
  await using project = await CommandProject.create({ ...TINY_STAGES, "grid.yaml": ONE });
  const scheduler = new FakeScheduler({ places: 1 });
  scheduler.held = true;
  await runBy(scheduler, project, "grid.yaml");
  const { states } = scheduler;
  scheduler.states = async (...asked) => {
    scheduler.release();
    await scheduler.idle();
    return await states.apply(scheduler, asked);
  };
  const { out, errors, exit } = await runBy(scheduler, project, "grid.yaml");
  strictEqual(exit, 0, errors);
  match(out, /^grid: 1 task: 1 done/);
  equal(scheduler.started, ["points-0"]);
});

Deno.test("what a scheduler may have taken without saying so is not submitted again", async () => {
  await using project = await CommandProject.create({ ...TINY_STAGES, "grid.yaml": ONE });
  const scheduler = new FakeScheduler({ places: 1 });
  scheduler.submit = () => Promise.reject(new Unanswered("It timed out"));
  await rejects(runBy(scheduler, project, "grid.yaml"), /It timed out/);
  const { out } = await runBy(scheduler, project, "grid.yaml");
  match(out, /1 task: 1 unknown/);
  ok(!out.includes("Submitted"), out);
  scheduler.submit = () => Promise.reject(new UserError("It is refused"));
  await rejects(runBy(scheduler, project, "grid.yaml", "--resubmit"), /It is refused/);
  equal(project.list("outputs/grid/.cluster/submissions"), ["0000.json"]);
});

Deno.test("of an empty answer nothing is concluded: nothing is submitted twice, unless asked for", async () => {
  await using project = await CommandProject.create({ ...STAGES, "grid.yaml": CONFIG });
  const scheduler = new FakeScheduler({ places: 1 });
  scheduler.held = true;
  await runBy(scheduler, project, "grid.yaml", "--set", "data.size=4");
  scheduler.silent = true;
  const { out, exit } = await runBy(scheduler, project, "grid.yaml", "--set", "data.size=4");
  match(out, /3 tasks: 3 unknown/);
  match(out, /--resubmit/);
  strictEqual(exit, 0);
  ok(!out.includes("Submitted"));
  const changed = runBy(scheduler, project, "grid.yaml", "--set", "data.size=5");
  await rejects(
    changed,
    /Cannot submit grid: it was changed, and 3 of its tasks are still under way/,
  );
  const again = await runBy(scheduler, project, "grid.yaml", "--set", "data.size=4", "--resubmit");
  match(again.out, /Submitted 3 tasks/);
});

Deno.test("a worker refuses a config that was changed after it was submitted", async () => {
  await using project = await CommandProject.create({ ...TINY_STAGES, "grid.yaml": ONE });
  const scheduler = new FakeScheduler({ places: 2 });
  scheduler.held = true;
  await runBy(scheduler, project, "grid.yaml");
  // Where it is done, and comments, are no change.
  project.write(
    "grid.yaml",
    `# a comment\n${ONE.replace("slurm: {}", 'slurm: { time: "1:00" }')}`,
  );
  match((await runBy(scheduler, project, "grid.yaml")).out, /1 waiting/);
  project.write("grid.yaml", ONE.replace("data.ts }", "data.ts, size: 5 }"));
  scheduler.release();
  await scheduler.idle();
  const records = recordsOf(project);
  equal(records.map(({ exit }) => exit), [1]);
  match(records[0].error!, /grid\.yaml was changed after it was submitted/);
  // Nobody is at work on what it was: it is submitted as it is now.
  const { out } = await runBy(scheduler, project, "grid.yaml");
  match(out, /Submitted 1 task/);
  strictEqual(project.list("outputs/grid/.cluster/earlier").length, 1);
  await scheduler.idle();
  const last = await runBy(scheduler, project, "grid.yaml");
  strictEqual(last.exit, 0, last.errors);
  equal(project.json("outputs/grid/data/data.json"), { size: 5 });
});

Deno.test("what the store has is not submitted, and a dry run says what would be", async () => {
  await using project = await CommandProject.create({ ...STAGES, "grid.yaml": SWEEP });
  strictEqual(await runQuietly(project, "grid.yaml", "--point", "depth-2_accuracy-0.4"), 0);
  const scheduler = new FakeScheduler({ places: 2 });
  scheduler.held = true;
  const dry = await runBy(scheduler, project, "grid.yaml", "--dry-run");
  match(
    dry.out,
    /8 tasks: 3 done, 5 not submitted\nA dry run: it would submit parts-0, parts-1, points-0, /,
  );
  strictEqual(project.list("outputs/grid/.cluster").includes("plan.json"), false);
  const { out } = await runBy(scheduler, project, "grid.yaml");
  match(out, /Submitted 5 tasks/);
});
