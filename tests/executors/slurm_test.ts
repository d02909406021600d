import { deepStrictEqual as equal, match, ok, rejects, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { UserError } from "../../base/errors.ts";
import { Unanswered } from "../../executors/scheduler.ts";
import { until } from "./processes.ts";
import { withSlurm } from "./slurm_cluster.ts";
import { Work } from "./slurm_work.ts";

withSlurm("a failed task takes nothing from the others, and its log is named", async (cluster) => {
  const work = new Work(
    join(cluster.path, "work"),
    `echo "$task" >> "$folder/ran"
     [ "$task" != b ] || { echo "no such image"; exit 1; }`,
  );
  const first = await work.submit(["a", "b", "c"]);
  const second = await work.submit(["d"], [first]);
  const before = await work.states();
  strictEqual(before.d, "waiting", "submitting waits for nothing");
  await work.untilStates({ a: "ended", b: "failed", c: "ended", d: "ended" });
  const ran = work.note("ran").trim().split("\n");
  equal(ran.slice(0, 3).sort(), ["a", "b", "c"]);
  equal(ran.slice(3), ["d"], "a wave begins when the one before has ended, well or not");
  match(work.log(first, "b"), /no such image\n== .* b \(\d+_1\): failed with status 1/);
  strictEqual(work.scheduler.jobOf(first, "b"), `${first.job}_1`);
  strictEqual(work.scheduler.cancel(second), `scancel ${second.job}`);
});

withSlurm(
  "no character of a path or a line means anything to a shell or to Slurm",
  async (cluster) => {
    const strange = join(cluster.path, 'it\'s "50%A" $HOME `id` & a;b');
    const work = new Work(strange, `echo "$PWD|$plan|$VARIABLE" > "$folder/$task"`, {
      setup: [`export VARIABLE='a b $HOME'`],
    });
    const submission = await work.submit(["x"]);
    await work.untilStates({ x: "ended" });
    strictEqual(work.note("x"), `${strange}|${strange}/plan.json|a b $HOME\n`);
    match(work.log(submission, "x"), /attempt 1 on n/);
  },
);

withSlurm("a worker finds little of the environment of who submits", async (cluster) => {
  Deno.env.set("VITRINE_CACHE", "/shared/a b,c");
  Deno.env.set("SECRET_OF_TEST", "1");
  try {
    const work = new Work(join(cluster.path, "work"), `env > "$folder/$task"`);
    await work.submit(["x"]);
    await work.untilStates({ x: "ended" });
    match(work.note("x"), /^VITRINE_CACHE=\/shared\/a b,c$/m);
    match(work.note("x"), /^VITRINE_TASK_RESTART=0$/m);
    ok(!work.note("x").includes("SECRET_OF_TEST"));
  } finally {
    Deno.env.delete("VITRINE_CACHE");
    Deno.env.delete("SECRET_OF_TEST");
  }
});

/** Saves its place when it is told to stop; done at the attempt that is written in its name: `at-1`. */
const STOPS = `
  trap 'echo "checkpoint at restart \${SLURM_RESTART_COUNT:-0}"; exit 75' TERM
  echo "\${SLURM_RESTART_COUNT:-0}" >> "$folder/$task"
  [ "\${SLURM_RESTART_COUNT:-0}" -lt "\${task#at-}" ] || exit 0
  for ((i = 0; i < 600; i++)); do sleep 0.1; done`;

withSlurm("a task that is told to stop is queued again, so often and no more", async (cluster) => {
  const work = new Work(join(cluster.path, "work"), STOPS, { max_restarts: 1 });
  const submission = await work.submit(["at-1", "at-9"]);
  const wave = await work.submit(["at-0"], [submission]);
  for (const attempt of [1, 2]) {
    const tasks = attempt === 1 ? ["at-1", "at-9"] : ["at-9"];
    for (const task of tasks) {
      await until(
        `attempt ${attempt} at ${task}`,
        () => work.note(task).trim().split("\n").filter(Boolean).length === attempt,
        () => work.logs(),
      );
      strictEqual(work.note("at-0"), "", "the next wave does not begin meanwhile");
      const job = work.scheduler.jobOf(submission, task);
      await cluster.command("scancel", "--batch", "--signal=USR1", job);
    }
  }
  await work.untilStates({ "at-1": "ended", "at-9": "failed", "at-0": "ended" });
  equal([work.note("at-1"), work.note("at-9")], ["0\n1\n", "0\n1\n"]);
  match(work.log(submission, "at-1"), /checkpoint at restart 0\n.*asking Slurm to queue it again/s);
  match(
    work.log(submission, "at-9"),
    /failed: not done after 1 restarts, and max_restarts is 1/,
  );
  void wave;
});

withSlurm(
  "what is cancelled is not queued again, though its worker saves its place",
  async (cluster) => {
    const worker = `trap 'exit 75' TERM; echo > "$folder/$task"; while :; do sleep 0.1; done`;
    const work = new Work(join(cluster.path, "work"), worker);
    const submission = await work.submit(["x", "y"]);
    await until("they run", () => work.note("x") !== "" && work.note("y") !== "");
    await cluster.command("scancel", submission.job!);
    await work.untilStates({ x: "failed", y: "failed" });
    match(work.logs(), /Slurm ends this attempt \(SIGTERM\)/);
    equal(await work.states(), { x: "failed", y: "failed" });
  },
);

withSlurm("the work of a node that is lost is done on another", async (cluster) => {
  const work = new Work(
    join(cluster.path, "work"),
    `echo "$SLURMD_NODENAME" >> "$folder/$task"
     [ "\${SLURM_RESTART_COUNT:-0}" != 0 ] && exit 0
     while [ ! -e "$folder/go-$SLURMD_NODENAME" ]; do sleep 0.1; done`,
  );
  await work.submit(["x", "y"]);
  await work.untilStates({ x: "running", y: "running" });
  await until("both have begun", () => work.note("x") !== "" && work.note("y") !== "");
  await cluster.killNode("n1");
  Deno.writeTextFileSync(join(work.folder, "notes/go-n2"), "");
  await work.untilStates({ x: "ended", y: "ended" });
  const ran = [work.note("x"), work.note("y")].sort();
  equal(ran, ["n1\nn2\n", "n2\n"]);
}, { long: true }); // otherwise the sweep of slurm_sweep_test.ts loses one

withSlurm("a node that is drained ends what it has and gets nothing new", async (cluster) => {
  const work = new Work(
    join(cluster.path, "work"),
    `while [ ! -e "$folder/go" ]; do sleep 0.1; done; echo "$SLURMD_NODENAME" > "$folder/$task"`,
  );
  await work.submit(["a", "b", "c", "d"]);
  await work.untilStates({ a: "running", b: "running", c: "waiting", d: "waiting" });
  await cluster.command("scontrol", "update", "nodename=n1", "state=drain", "reason=test");
  Deno.writeTextFileSync(join(work.folder, "notes/go"), "");
  await work.untilStates({ a: "ended", b: "ended", c: "ended", d: "ended" });
  equal(["a", "b", "c", "d"].map((task) => work.note(task).trim()), ["n1", "n2", "n2", "n2"]);
});

withSlurm(
  "while the controller is away or hangs nothing is known, and nothing is lost",
  async (cluster) => {
    const work = new Work(
      join(cluster.path, "work"),
      `while [ ! -e "$folder/go" ]; do sleep 0.1; done; echo done > "$folder/$task"`,
    );
    const submission = await work.submit(["a", "b", "c"]);
    await work.untilStates({ a: "running", b: "running", c: "waiting" });
    await cluster.untilSaved(submission.job!);
    cluster.signalController("SIGSTOP");
    const unknown = { a: "unknown", b: "unknown", c: "unknown" };
    equal(await work.states(), unknown);
    await rejects(work.submit(["d"]), (error: UserError) => {
      match(error.message, /^Cannot submit to Slurm: sbatch did not answer within 8 s$/);
      match(error.hint!, /may have taken the tasks/);
      ok(error instanceof Unanswered, "the submission is kept");
      return true;
    });
    await cluster.killController();
    equal(await work.states(), unknown);
    Deno.writeTextFileSync(join(work.folder, "notes/go"), "");
    await until("work goes on without it", () => work.note("a") !== "" && work.note("b") !== "");
    cluster.startController();
    await work.untilStates({ a: "ended", b: "ended", c: "ended" });
  },
);

const PREEMPTION = {
  lines: ["PreemptType=preempt/partition_prio", "PreemptMode=REQUEUE"],
  partitions: [
    "PartitionName=low Nodes=ALL Default=YES PriorityTier=1 MaxTime=INFINITE",
    "PartitionName=high Nodes=ALL PriorityTier=10 MaxTime=INFINITE PreemptMode=OFF",
  ],
};

withSlurm("a task that others displace is queued again and goes on", async (cluster) => {
  const work = new Work(
    join(cluster.path, "work"),
    `trap 'echo "stopped" >> "$folder/$task"; exit 75' TERM
     [ "\${SLURM_RESTART_COUNT:-0}" != 0 ] && { echo "again" >> "$folder/$task"; exit 0; }
     echo "began" >> "$folder/$task"; while :; do sleep 0.1; done`,
    { partition: "low" },
  );
  await work.submit(["x", "y"]);
  await until("both have begun", () => work.note("x") !== "" && work.note("y") !== "");
  const wrap = ["--parsable", "--nodes=2", "--output=/dev/null", "--wrap", "sleep 1"];
  await cluster.command("sbatch", "--partition=high", ...wrap);
  await work.untilStates({ x: "ended", y: "ended" });
  equal([work.note("x"), work.note("y")], Array(2).fill("began\nstopped\nagain\n"));
}, PREEMPTION);

withSlurm("what Slurm refuses is told in its own words", async (cluster) => {
  const refused = async (options: Record<string, unknown>, pattern: RegExp) => {
    const work = new Work(join(cluster.path, "work"), "", options);
    await rejects(work.submit(["x"]), (error: UserError) => {
      ok(error instanceof UserError);
      match(error.message, pattern);
      strictEqual(error.message.split("\n").length, 1);
      return true;
    });
  };
  await refused(
    { partition: "nope" },
    /^Slurm refused 1 task: invalid partition specified: nope; /,
  );
  await refused({ mem: "900G" }, /Memory specification can not be satisfied/);
  await refused({ extra: ["--time-min=soon"] }, /Invalid --time-min specification/);
  await refused({ gpus_per_task: 1 }, /Invalid generic resource \(gres\) specification/);
}, { lines: ["MaxArraySize=5"], nodes: ["n1"] });

withSlurm("an array is as long as Slurm lets it be", async (cluster) => {
  const work = new Work(join(cluster.path, "work"), `echo > "$folder/$task"`);
  strictEqual(await work.scheduler.largest(), 5);
  await rejects(work.submit(["a", "b", "c", "d", "e", "f"]), /Invalid job array specification/);
  await work.submit(["a", "b", "c", "d", "e"]);
  await work.untilStates({ a: "ended", b: "ended", c: "ended", d: "ended", e: "ended" });
}, { lines: ["MaxArraySize=5"], nodes: ["n1"], cpus: 2 });
