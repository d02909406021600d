import { deepStrictEqual as equal, ok, strictEqual, throws } from "node:assert/strict";
import { environmentOf, sbatchArguments } from "../../executors/slurm/arguments.ts";
import { ask } from "../../executors/slurm/ask.ts";
import { executorSchema } from "../../pipeline/elsewhere_schema.ts";

const ARRAY = {
  name: "sweep-0001",
  tasks: 12,
  after: ["7", "8"],
  cwd: "/shared/my project",
  logs: "/shared/my project/outputs/sweep/.cluster/logs",
  script: "/shared/sweep.sh",
};
const given = (slurm: Record<string, unknown>) =>
  sbatchArguments(ARRAY, executorSchema.parse({ slurm }).slurm!);

Deno.test("a submission asks for what stands in the config, and for what a restart needs", () => {
  const args = given({
    partition: "gpu",
    account: "vision",
    time: "01:30:00",
    gpus_per_task: 1,
    cpus_per_task: 4,
    mem: "8G",
    array_limit: 3,
    extra: ["--qos=long", "-C fast", "--exclude n7"],
  });
  equal(args, [
    "--parsable",
    "--job-name=sweep-0001",
    "--array=0-11%3",
    "--dependency=afterany:7:8",
    "--nodes=1",
    "--ntasks=1",
    "--cpus-per-task=4",
    "--partition=gpu",
    "--account=vision",
    "--time=01:30:00",
    "--mem=8G",
    "--gres=gpu:1",
    "--signal=B:USR1@120",
    "--requeue",
    "--open-mode=append",
    "--chdir=/shared/my project",
    "--output=/shared/my project/outputs/sweep/.cluster/logs/%A_%a.log",
    "--export=ALL",
    "--qos=long",
    "-C",
    "fast",
    "--exclude",
    "n7",
    "/shared/sweep.sh",
  ]);
});

Deno.test("what the executor sets is not the user's to set again", () => {
  for (const option of ["--array=1-2", "-a1-2", "-d afterok:1", "--output x", "--no-requeue"]) {
    throws(() => given({ extra: [option] }), /is set by the executor/, option);
  }
  ok(given({ extra: ["--hold"] }).includes("--hold"));
});

Deno.test("of the environment little goes along", () => {
  equal(
    environmentOf({
      HOME: "/home/a",
      HF_TOKEN: "x",
      SBATCH_ACCOUNT: "vision",
      SLURM_CONF: "/etc/slurm.conf",
      SLURM_JOB_ID: "5", // of a job that submits another
      VITRINE_TASK_RESTART: "3",
      OTHER_SECRET: "y",
      LD_PRELOAD: "z",
    }),
    { HOME: "/home/a", HF_TOKEN: "x", SBATCH_ACCOUNT: "vision", SLURM_CONF: "/etc/slurm.conf" },
  );
});

Deno.test("a machine without Slurm is told in a sentence", async () => {
  const { code, complaint } = await ask("sbatch", [], 5, { PATH: "/nowhere" });
  equal([code, complaint], [null, "sbatch is not on the PATH"]);
});

Deno.test("the one program that may be run starts those of Slurm alone", async () => {
  strictEqual((await ask("id", [], 5)).code, 126);
});
