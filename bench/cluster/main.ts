/**
 * `deno task bench:cluster`: what it costs to share work among workers. A frozen trunk's shards and the
 * points of a sweep are done by one worker and by eight, each with one thread, started by GNU parallel on
 * this machine. What eight would come to on eight cores with four times as many points is simulated from
 * what one alone took.
 */
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { formatDuration } from "../../base/duration.ts";
import { ClusterFolder } from "../../executors/folder.ts";
import { isHeld } from "../../executors/parallel.ts";
import type { WorkerRecord } from "../../executors/plan.ts";
import { timeSpent } from "../../commands/workers_time.ts";
import { percent } from "../../figures/figure.ts";
import { render } from "../../figures/render.ts";
import { type WorkersTime, workersTime, workersTimeline } from "../../figures/workers.ts";
import { realDisk } from "../../pipeline/disk.ts";
import { BOX, newProject, writeConfig } from "../jobs.ts";
import { writeImages } from "../made_up_images.ts";
import { type Costs, simulate } from "./simulate.ts";

const ROOT = resolve(import.meta.dirname!, "../..");
const NAME = "shared";

const { values: asked } = parseArgs({
  args: Deno.args,
  options: {
    images: { type: "string", default: "6000" },
    points: { type: "string", default: "8" },
    workers: { type: "string", default: "8" },
    out: { type: "string", default: join(ROOT, "outputs/.bench/cluster") },
  },
});
const [images, points, most] = [asked.images, asked.points, asked.workers].map(Number);
const cores = navigator.hardwareConcurrency;

/** One job, done by so many workers. */
interface Measured {
  readonly workers: number;
  readonly records: readonly WorkerRecord[];
  readonly spent: WorkersTime;
}

const KINDS = ["parts", "points"] as const;
type Kind = (typeof KINDS)[number];

async function measure(workers: number): Promise<Record<Kind, Measured>> {
  const project = await newProject(join(asked.out, `work-${Deno.pid}`));
  try {
    await writeImages(join(project, "photos"), images);
    const config = await writeConfig(project, NAME, {
      stages: {
        preprocess: { dataset: { imagefolder: "photos" }, validation: 0.1 },
        "load-pretrained": { model: BOX, head: "reinit" },
        freeze: { blocks: 6 },
        train: { epochs: 2, batch_size: 128 },
      },
      sweep: {
        method: "list",
        points: Array.from({ length: points }, (_, i) => (
          { "train.optimizer.learning_rate": 1e-4 * (i + 1) }
        )),
      },
      executor: { parallel: { jobs: workers, threads: 1 } },
    });
    const submit = new Deno.Command(Deno.execPath(), {
      args: ["task", "--quiet", "run", config, "--executor", "parallel"],
      cwd: ROOT,
      stdout: "null",
    });
    if (!(await submit.output()).success) throw new Error("Cannot submit");
    const folder = new ClusterFolder(join(project, "outputs", NAME));
    const locks = folder.submissions().map(({ name }) =>
      join(folder.path, "parallel", name, "lock")
    );
    for (const lock of locks) {
      while (isHeld(lock)) await new Promise((done) => setTimeout(done, 500));
    }
    const records = folder.records();
    const failed = records.find(({ exit }) => exit !== 0);
    if (failed !== undefined) throw new Error(`${failed.task}: ${failed.error}`);
    const of = (kind: Kind): Measured => {
      const own = records.filter(({ task }) => task.startsWith(kind));
      return { workers, records: own, spent: timeSpent(own, [own.map(({ task }) => task)])! };
    };
    return { parts: of("parts"), points: of("points") };
  } finally {
    realDisk.remove(project);
  }
}

/** What one worker alone says of each piece of work, and of what it costs beside them. */
function alone({ records }: Measured, what: "part" | "stage"): { pieces: number[]; costs: Costs } {
  const spans = records.flatMap(({ spans }) => spans);
  const sum = (name: string) =>
    spans.filter(({ what }) => what === name).reduce((all, { seconds }) => all + seconds, 0);
  const pieces = what === "part"
    ? spans.filter((span) => span.what === "part").map(({ seconds }) => seconds)
    : records.map((record) => timeSpent([record], [])!.by.compute);
  const whole = records.reduce(
    (all, { started, ended }) => all + (Date.parse(ended!) - Date.parse(started)) / 1000,
    0,
  );
  const [start, engine] = [sum("start") / records.length, sum("engine") / records.length];
  const rest = whole - records.length * (start + engine) - pieces.reduce((a, b) => a + b, 0);
  return { pieces, costs: { start, engine, piece: Math.max(0, rest / pieces.length) } };
}

async function draw(name: string, spent: WorkersTime): Promise<void> {
  for (const figure of [workersTimeline(spent), workersTime(spent)]) {
    const { svg, png } = await render(figure);
    const path = join(asked.out, `${name}-${figure.name}`);
    await Deno.writeTextFile(`${path}.svg`, svg);
    await Deno.writeFile(`${path}.png`, png);
  }
}

await Deno.mkdir(asked.out, { recursive: true });
const counts = [1, most];
const measured: Record<Kind, Measured>[] = [];
for (const workers of counts) {
  console.error(`${workers} ${workers === 1 ? "worker" : "workers"}…`);
  measured.push(await measure(workers));
}
const lines: string[] = [];
for (const kind of KINDS) {
  const [one] = measured.map((each) => each[kind]);
  const work = one.spent.by.compute;
  lines.push(`${kind}: ${formatDuration(work)} of computing by one worker`);
  for (const { workers, spent, records } of measured.map((each) => each[kind])) {
    const share = work / (Math.min(workers, cores) * spent.seconds);
    lines.push(
      `  ${workers} workers (${records.length} tasks), ${formatDuration(spent.seconds)}: ` +
        `${percent(share)} of what ${Math.min(workers, cores)} cores allow`,
    );
  }
  const name = kind === "parts" ? "part" : "stage";
  const { pieces, costs } = alone(one, name);
  lines.push(
    `  costs: start ${costs.start.toFixed(2)} s, engine ${costs.engine.toFixed(2)} s, ` +
      `beside each of ${pieces.length} pieces ${costs.piece.toFixed(2)} s`,
  );
  const many = kind === "parts" ? pieces : new Array(4).fill(pieces).flat();
  for (const pack of kind === "parts" ? [undefined] : [1, Math.ceil(many.length / most)]) {
    const records = simulate(many, most, costs, { pack, what: name, name: kind });
    const spent = timeSpent(records, [records.map(({ task }) => task)])!;
    lines.push(
      `  simulated, ${many.length} pieces on ${most} cores${
        pack === undefined ? "" : `, ${pack} in a task`
      }: ` +
        `${formatDuration(spent.seconds)}, efficiency ${percent(spent.efficiency)}`,
    );
    await draw(`simulated-${kind}${pack === undefined ? "" : `-pack-${pack}`}`, spent);
  }
  await draw(kind, measured.at(-1)![kind].spent);
}
console.log(lines.join("\n"));
console.log(`Figures: ${asked.out}`);
