import { deepStrictEqual as equal, match, ok, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { ROOT, task, temporaryProject } from "../end-to-end/project.ts";
import { faultsOfStore, resultsOf } from "../pipeline/store_check.ts";
import { type WorkerRecord, workerRecordSchema } from "../../executors/plan.ts";
import { until } from "./processes.ts";
import { type SlurmCluster, withSlurm } from "./slurm_cluster.ts";

const GOLDEN = join(ROOT, "tests/fixtures/golden");

/** Twelve points of a real fine-tuning, of a tiny model and few images. */
const CONFIG = {
  name: "grid",
  executor: { slurm: { cpus_per_task: 1, mem: "500M", pack: 2, array_limit: 2 } },
  stages: {
    preprocess: { dataset: { imagefolder: join(GOLDEN, "imagefolder") } },
    "load-pretrained": { model: join(GOLDEN, "vit"), head: "reinit" },
    freeze: { features: "float32" },
    train: { epochs: 3, batch_size: 4 },
    evaluate: {},
  },
  sweep: {
    method: "grid",
    parameters: {
      "train.optimizer.learning_rate": [1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2],
      "train.optimizer.weight_decay": [0, 0.1],
    },
  },
};

const createProject = (config: unknown = CONFIG) =>
  temporaryProject({ "grid.yaml": JSON.stringify(config) });

/** What one machine makes of it by itself, when it is asked a second time, as who collects is. */
async function alone(config: unknown = CONFIG) {
  await using project = await createProject(config);
  for (let i = 0; i < 2; i++) {
    const { code, stderr } = await task("run", [join(project.path, "grid.yaml"), "--threads", "1"]);
    strictEqual(code, 0, stderr);
  }
  return everythingOf(project.path);
}

function everythingOf(project: string) {
  const outputs = join(project, "outputs");
  const text = Deno.readTextFileSync(join(outputs, "grid/sweep.json"));
  const points: { name: string }[] = JSON.parse(text).points;
  return {
    sweep: text,
    results: Object.fromEntries(
      points.map(({ name }) => [name, resultsOf(project, `grid/${name}`)]),
    ),
  };
}

function pointsDone(project: string): number {
  const folder = join(project, "outputs/.store/evaluate");
  try {
    return [...Deno.readDirSync(folder)].length;
  } catch {
    return 0;
  }
}

async function untilQueueIsEmpty(cluster: SlurmCluster, seconds = 900): Promise<void> {
  const queue = () => cluster.command("squeue", "--noheader", "--all");
  await until("the queue is empty", async () => await queue() === "", queue, seconds);
}

withSlurm(
  "a sweep of 12 points on two nodes, one killed half way and the login shell closed, is as of one machine",
  async (cluster) => {
    await using project = await createProject();
    const config = join(project.path, "grid.yaml");
    const submitted = await task("run", [config, "--executor", "slurm"]);
    strictEqual(submitted.code, 0, submitted.stderr);
    match(submitted.stdout, /^Submitted 9 tasks to Slurm: \d+, \d+, \d+$/m);
    await until("half is done", () => pointsDone(project.path) >= 4, () => cluster.story(), 900);
    await until(
      "n1 is at work",
      async () => {
        const jobs = await cluster.command(
          "squeue",
          "-h",
          "-r",
          "-w",
          "n1",
          "-t",
          "running",
          "-o",
          "%i",
        );
        const records = [...attempts(project.path).values()].flat();
        return records.some(({ job, exit }) =>
          exit === null && jobs.split("\n").includes(job ?? "")
        );
      },
      () => cluster.story(),
      900,
    );
    await cluster.killNode("n1");
    await untilQueueIsEmpty(cluster);
    const collected = await task("run", [config, "--executor", "slurm"]);
    strictEqual(collected.code, 0, collected.stderr);
    const tries = attempts(project.path);
    strictEqual(tries.size, 9);
    const cut = [...tries.values()].filter((each) => each.length > 1);
    ok(
      cut.length > 0,
      "or else no work was lost with the node, and this test tests less than it says",
    );
    for (const each of tries.values()) {
      equal(each.filter(({ exit }) => exit === 0).length, 1, "each task is done once");
    }
    equal(everythingOf(project.path), await alone());
    equal(faultsOfStore(project.path), []);
  },
);

/** Attempts at each task, by the workers' own records. */
function attempts(project: string): Map<string, WorkerRecord[]> {
  const folder = join(project, "outputs/grid/.cluster/records");
  const records = [...Deno.readDirSync(folder)].map(({ name }) =>
    workerRecordSchema.parse(JSON.parse(Deno.readTextFileSync(join(folder, name))))
  );
  return Map.groupBy(records, ({ task }) => task);
}

/** A point that takes longer than Slurm gives it. */
const LONG = {
  ...CONFIG,
  executor: { slurm: { cpus_per_task: 1, time: "00:03:00", max_restarts: 50 } },
  stages: { ...CONFIG.stages, train: { epochs: 300, batch_size: 4 } },
  sweep: { method: "list", points: [{ seed: 1 }] },
};

withSlurm(
  "a point whose time is over goes on from its checkpoint, again and again",
  async (cluster) => {
    await using project = await createProject(LONG);
    const config = join(project.path, "grid.yaml");
    const submitted = await task("run", [config, "--executor", "slurm"]);
    strictEqual(submitted.code, 0, submitted.stderr);
    await untilQueueIsEmpty(cluster, 3600);
    const collected = await task("run", [config, "--executor", "slurm"]);
    strictEqual(collected.code, 0, collected.stderr);
    const stopped = [...attempts(project.path).values()].flat().filter(({ exit }) => exit === 75);
    ok(stopped.length > 0, "or else it had time enough, and this test tests nothing");
    equal(everythingOf(project.path), await alone(LONG));
  },
  { long: true },
);
