import { deepStrictEqual as equal } from "node:assert/strict";
import { join } from "node:path";
import { RunTable } from "../../../commands/view/runs.ts";
import { choose, differing } from "../../../commands/view/page/choose.ts";
import { runJson } from "../project.ts";
import { beginning, Outputs, progress } from "./outputs.ts";

Deno.test("the table has every run, and a column for what differs alone", async () => {
  await using outputs = await Outputs.create();
  outputs.run("a", { rate: 0.01 });
  outputs.run("b", { rate: 0.1 });
  const table = new RunTable(outputs.path);
  const { columns, runs } = await table.read();
  equal(columns, ["train.optimizer.learning_rate"]);
  equal(runs.map(({ name, values }) => [name, values]), [["a", ["0.01"]], ["b", ["0.1"]]]);
  table.close();
});

Deno.test("a run without the stage hides no column of those that have it", async () => {
  await using outputs = await Outputs.create();
  outputs.run("a", { rate: 0.01 });
  outputs.run("b", { rate: 0.1 });
  outputs.write("theory/run.json", runJson("theory", { "worked-example": "ran" }));
  const table = new RunTable(outputs.path);
  const { columns, runs } = await table.read();
  table.close();
  equal(columns, ["seed", "train.optimizer.learning_rate"]);
  equal(runs.map(({ values }) => values), [["7", "0.01"], ["7", "0.1"], ["0", null]]);
});

Deno.test("runs that come, change and vanish are seen at the next look", async () => {
  await using outputs = await Outputs.create();
  const table = new RunTable(outputs.path);
  const look = async () =>
    (await table.read()).runs.map((
      { name, state, stages, validation },
    ) => [name, state, stages, validation]);
  equal(await look(), []);
  outputs.run("a");
  equal(await look(), [["a", "done", "3 ran", 0.5]]);
  outputs.run("a", { accuracy: 0.75, epochs: 3 });
  outputs.say("b", ...beginning("b"), progress("train", 1, 4));
  // No process holds its lock: it stopped without a word.
  equal(await look(), [["a", "done", "3 ran", 0.75], [
    "b",
    "stopped",
    "1 ran, train stopped",
    null,
  ]]);
  Deno.removeSync(join(outputs.path, "a"), { recursive: true });
  equal((await look()).map(([name]) => name), ["b"]);
  table.close();
});

const RUNS = [["run-2", "running", "0.1"], ["run-10", "done", "1e-3"], ["run-1", "done", null]]
  .map(([name, state, rate], i) => ({
    ...{ name: name!, state: state as "done", started: null, seconds: i, stages: "" },
    ...{ validation: i === 0 ? null : i / 10, test: null, values: [rate] },
  }));
const CHOICE = { words: "", state: "", order: { by: "name", down: false } };

function names(change: Partial<typeof CHOICE>): string[] {
  return choose(RUNS, ["train.rate"], { ...CHOICE, ...change }).map(({ name }) => name);
}

Deno.test("runs are sorted by the size of their numbers, and those without one come last", () => {
  equal(names({}), ["run-1", "run-2", "run-10"]);
  equal(names({ order: { by: "train.rate", down: false } }), ["run-10", "run-2", "run-1"]);
  equal(names({ order: { by: "train.rate", down: true } }), ["run-2", "run-10", "run-1"]);
  equal(names({ order: { by: "validation", down: true } }), ["run-1", "run-10", "run-2"]);
});

Deno.test("a filter's words must all be met, by name, state or parameter", () => {
  equal(names({ words: "run-1" }), ["run-1", "run-10"]);
  equal(names({ words: "DONE train.rate=1e" }), ["run-10"]);
  equal(names({ state: "running" }), ["run-2"]);
  equal(names({ words: "nothing" }), []);
  equal(differing(RUNS, ["train.rate"]), ["train.rate"]);
  equal(differing(RUNS.slice(0, 1), ["train.rate"]), []);
});
