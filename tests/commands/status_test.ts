import { deepStrictEqual as equal, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { listRuns } from "../../commands/run_list.ts";
import { formatAll } from "../../commands/status.ts";
import { markRunning } from "../../pipeline/running.ts";
import { CommandProject, RUN_STARTED, runJson } from "./project.ts";

/** Events of a run that has not come to its end: `train` is at work. */
function events(name: string): string {
  const time = RUN_STARTED;
  const stage = "preprocess";
  const key = "";
  return [
    { time, type: "run-started", name, config: "/a.yaml", stages: [stage, "train"] },
    { time, type: "stage-started", stage, kind: stage, key, reason: "first run" },
    {
      time,
      type: "stage-finished",
      stage,
      kind: stage,
      status: "ran",
      key: null,
      reason: "first run",
      seconds: 1,
    },
    { time, type: "stage-started", stage: "train", kind: "train", key, reason: "first run" },
    {
      time,
      type: "progress",
      stage: "train",
      done: 1,
      total: 9,
      unit: "steps",
      rate: 0,
      left: null,
    },
  ].map((event) => JSON.stringify(event) + "\n").join("") + '{"time":"2026-03';
}

function history(...accuracies: (number | null)[]): string {
  const epochs = accuracies.map((accuracy, epoch) => ({
    epoch,
    train_loss: 1,
    train_accuracy: 0.5,
    validation_loss: accuracy === null ? null : 1,
    validation_accuracy: accuracy,
  }));
  return JSON.stringify({ steps: [], epochs });
}

const METRICS = JSON.stringify({
  images: 4,
  loss: 1,
  accuracy: 0.75,
  top5_accuracy: null,
  per_class: [],
  confusion: [],
  calibration: { expected_calibration_error: 0, bins: [] },
  mistakes: [],
});

Deno.test("a run is listed with its stages and the accuracies of its last epoch and its test", async () => {
  await using project = await CommandProject.create({
    "outputs/a/run.json": runJson("a", { train: "ran", evaluate: "fresh" }),
    "outputs/a/train/history.json": history(0.25, 0.5),
    "outputs/a/evaluate/metrics.json": METRICS,
    "outputs/notes/mine.txt": "not a run",
    "outputs/.store/format": "1",
  });
  const { code, stdout } = await project.command("status", "--json");
  strictEqual(code, 0);
  equal(JSON.parse(stdout), [{
    kind: "run",
    name: "a",
    state: "done",
    started: RUN_STARTED,
    seconds: 12,
    stages: [
      { name: "train", kind: "train", status: "ran" },
      { name: "evaluate", kind: "evaluate", status: "fresh" },
    ],
    validation_accuracy: 0.5,
    test_accuracy: 0.75,
  }]);
});

Deno.test("a result that an earlier run left is not this run's", async () => {
  await using project = await CommandProject.create({
    "outputs/a/run.json": runJson("a", { train: "failed", evaluate: "skipped" }),
    "outputs/a/train/history.json": history(0.5),
    "outputs/a/evaluate/metrics.json": METRICS,
    "outputs/b/run.json": runJson("b", { train: "ran" }),
    "outputs/b/train/history.json": history(0.5, null),
  });
  const runs = await listRuns(join(project.path, "outputs"));
  equal(
    runs.map((run) =>
      run.kind === "run" && [run.state, run.validation_accuracy, run.test_accuracy]
    ),
    [["failed", null, null], ["done", null, null]],
  );
});

Deno.test("a run without an end is running while a process holds its mark, else it was stopped", async () => {
  await using project = await CommandProject.create({
    "outputs/a/events.jsonl": events("a"),
    // Of the run before this one:
    "outputs/a/run.json": runJson("a", { preprocess: "ran", train: "ran", evaluate: "ran" }),
  });
  const outputs = join(project.path, "outputs");
  const read = async () => {
    const [run] = await listRuns(outputs);
    return run.kind === "run" && [run.state, run.seconds, ...run.stages.map((one) => one.status)];
  };
  equal(await read(), ["stopped", null, "ran", "stopped"]);
  {
    using _mark = markRunning(outputs, "a");
    equal(await read(), ["running", null, "ran", "running"]);
  }
  equal(await read(), ["stopped", null, "ran", "stopped"]);
});

Deno.test("a sweep is listed with its points, the best one first", async () => {
  const point = (name: string, status: string, accuracy: number | null) => ({
    name,
    parameters: {},
    status,
    validation_accuracy: accuracy,
  });
  await using project = await CommandProject.create({
    "outputs/lr/sweep.json": JSON.stringify({
      metric: "validation_accuracy",
      points: [point("b", "ran", 0.5), point("a", "failed", null), point("c", "not reached", null)],
      best: "b",
    }),
    "outputs/lr/a/run.json": runJson("lr/a", { train: "failed", evaluate: "skipped" }),
    "outputs/lr/b/run.json": runJson("lr/b", { preprocess: "fresh", train: "ran" }),
    "outputs/lr/b/train/history.json": history(0.5),
  });
  const list = await listRuns(join(project.path, "outputs"));
  const day = /\d{4}-\d{2}-\d{2} \d{2}:\d{2}/g; // local time
  equal(formatAll(list).replaceAll(day, "DAY             ").split("\n"), [
    "  run         state      started           stages                   validation  test",
    "  lr/         failed                       a sweep of 3",
    "    b (best)  done       DAY               1 fresh, 1 ran                50.0%     –",
    "    a         failed     DAY               train failed, 1 skipped           –     –",
    "    c         not begun                                                      –     –",
  ]);
  const one = await project.command("status", "outputs/lr/b");
  equal(one.stdout.replaceAll(day, "DAY").split("\n"), [
    "lr/b: done, started DAY, took 12 s",
    "  stage       status",
    "  preprocess  fresh",
    "  train       ran",
    "  validation accuracy 50.0%, test accuracy –",
    "",
  ]);
});

Deno.test("a name that is not there names the nearest, and no run at all is no mistake", async () => {
  await using project = await CommandProject.create({
    "outputs/quickstart/run.json": runJson("quickstart", {}),
  });
  const { code, stderr } = await project.command("status", "quikstart");
  equal([code, stderr.trim()], [
    2,
    `Cannot find a run "quikstart" in ${project.path}/outputs: did you mean "quickstart"?`,
  ]);
  await using empty = await CommandProject.create({});
  equal(await empty.command("status"), {
    code: 0,
    stdout: `There is no run in ${empty.path}/outputs\n`,
    stderr: "",
  });
});
