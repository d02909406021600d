import { deepStrictEqual as equal, match, strictEqual } from "node:assert/strict";
import { compareRuns, labelsOf } from "../../commands/compare/comparison.ts";
import { formatComparison, tablesOf } from "../../commands/compare/format.ts";
import type { ComparedRun } from "../../commands/compare/read.ts";
import { CommandProject, TINY_CONFIG, TINY_STAGES } from "./project.ts";

/** A run with these parameters of its stages. */
function made(
  name: string,
  parameters: Record<string, Record<string, unknown>>,
  numbers: Record<string, number> = {},
): ComparedRun {
  const stages = Object.keys(parameters).map((stage) => ({
    ...{ name: stage, kind: stage, key: null, reason: "", seconds: 1 },
    status: "ran" as const,
  }));
  const started = "2026-01-01T00:00:00.000Z";
  const record = {
    name,
    config: "",
    parameters,
    seed: 1,
    engine: null,
    started,
    seconds: 1,
    stages,
  };
  return { name, record, numbers, artifacts: {} };
}

Deno.test("only parameters that differ are listed, and a stage that a run lacks in a row of its own", () => {
  const { parameters, stages } = compareRuns([
    made("a", {
      train: { epochs: 3, optimizer: { name: "adamw", betas: [0.9, 0.999] }, clip_norm: null },
      evaluate: { top: 5 },
    }),
    made("b", {
      train: { epochs: 3, optimizer: { name: "sgd", momentum: 0.9 }, clip_norm: null },
    }),
  ]);
  equal(parameters, [
    { name: "train.optimizer.name", values: ["adamw", "sgd"] },
    { name: "train.optimizer.betas", values: ["[0.9,0.999]", "–"] },
    { name: "train.optimizer.momentum", values: ["–", "0.9"] },
  ]);
  equal(stages, [{ name: "evaluate", values: ["yes", "–"] }]);
});

Deno.test("a run that lacks a stage hides no difference between those that have it", () => {
  const comparison = compareRuns([
    made("a", { train: { epochs: 3, shuffle: true } }),
    made("b", { theory: {} }),
    made("c", { train: { epochs: 5, shuffle: true } }),
  ]);
  equal(comparison.parameters, [{ name: "train.epochs", values: ["3", "–", "5"] }]);
  equal(comparison.stages, [
    { name: "train", values: ["yes", "–", "yes"] },
    { name: "theory", values: ["–", "yes", "–"] },
  ]);
  equal(tablesOf(comparison)[1].title, "Stages that not all of them have");
});

Deno.test("of two kinds of one name the kinds are told apart, and nothing is said of what is alike", () => {
  const [a, b] = ["load-pretrained", "new-model"].map((kind) => {
    const run = made(kind, { model: {} });
    return { ...run, record: { ...run.record, stages: [{ ...run.record.stages[0], kind }] } };
  });
  equal(compareRuns([a, b]).parameters, [
    { name: "model.uses", values: ["load-pretrained", "new-model"] },
  ]);
  const said = (...runs: ComparedRun[]) => formatComparison(compareRuns(runs)).split("\n")[0];
  const [train, theory] = [made("a", { train: {} }), made("b", { theory: {} })];
  const both = made("c", { train: {}, theory: {} });
  strictEqual(said(train, made("d", { train: {} })), "Their parameters are the same.");
  strictEqual(said(train, both), "The parameters of the stages that they share are the same.");
  strictEqual(said(train, theory), "There is no stage that all of them have.");
});

Deno.test("up to four runs stand side by side, more stand below each other", () => {
  const runs = (count: number) =>
    Array.from(
      { length: count },
      (_, i) =>
        made(`run-${i}`, { train: { epochs: i } }, i === 0 ? {} : { "test accuracy": i / 100 }),
    );
  const [few] = tablesOf(compareRuns(runs(4)));
  equal([few.head, few.rows], [["", "run-0", "run-1", "run-2", "run-3"], [
    ["train.epochs", "0", "1", "2", "3"],
  ]]);
  const [parameters, results] = tablesOf(compareRuns(runs(12)));
  equal(parameters.head, ["", "train.epochs"]);
  equal([parameters.rows.length, parameters.rows[11]], [12, ["run-11", "11"]]);
  equal([results.rows[0], results.rows[11]], [["run-0", "–"], ["run-11", "11.0%"]]);
});

Deno.test("points of one sweep go by their own names", () => {
  equal(labelsOf([{ name: "lr/a" }, { name: "lr/b" }]), ["a", "b"]);
  equal(labelsOf([{ name: "lr/a" }, { name: "a" }]), ["lr/a", "a"]);
  equal(labelsOf([{ name: "lr/a" }, { name: "wd/a" }]), ["lr/a", "wd/a"]);
});

Deno.test("compare prints what differs and writes a page with the curves of all runs", async () => {
  await using project = await CommandProject.create({
    ...TINY_STAGES,
    "one.yaml": TINY_CONFIG,
    "grid.yaml": TINY_CONFIG +
      "sweep: { method: grid, parameters: { train.accuracy: [0.25, 0.75] } }\n",
  });
  for (const config of ["one.yaml", "grid.yaml"]) {
    strictEqual((await project.command("run", config, "--quiet")).code, 0);
  }
  const two = await project.command("compare", "one", "outputs/grid/accuracy-0.75/");
  strictEqual(two.code, 0, two.stderr);
  const [parameters, results] = two.stdout.split("\n\n");
  equal(parameters.split("\n"), [
    "Parameters that differ",
    "                  one  grid/accuracy-0.75",
    "  train.accuracy  0.5  0.75",
  ]);
  equal(results.split("\n").slice(0, 4), [
    "Results",
    "                          one  grid/accuracy-0.75",
    "  validation accuracy   50.0%               75.0%",
    "  validation loss      1.0000              1.0000",
  ]);
  const folder = "outputs/.compare/one+grid-accuracy-0.75";
  match(
    two.stdout,
    new RegExp(`Side by side, with curves: ${folder.replace("+", "\\+")}/report.html`),
  );
  equal(project.list(folder), ["figures", "report.html", "report.md"]);
  equal(project.list(`${folder}/figures`), [
    "curves.png",
    "curves.svg",
    "curves.vl.json",
    "figures.json",
  ]);
  // A sweep stands for its points; runs are listed as before.
  const all = await project.command("compare", "one", "grid", "--out", "here", "--json");
  equal(JSON.parse(all.stdout).runs.map(({ name }: { name: string }) => name), [
    "one",
    "grid/accuracy-0.75",
    "grid/accuracy-0.25",
  ]);
  equal(project.list("here"), []);
  const listed = JSON.parse((await project.command("status", "--json")).stdout);
  equal(listed.map(({ name }: { name: string }) => name), ["grid", "one"]);
});

Deno.test("compare refuses a run with itself and a run that is not there", async () => {
  await using project = await CommandProject.create({ ...TINY_STAGES, "one.yaml": TINY_CONFIG });
  strictEqual((await project.command("run", "one.yaml", "--quiet")).code, 0);
  const alone = await project.command("compare", "one", "one");
  equal([alone.code, alone.stderr.split("\n")[0]], [
    2,
    'Cannot compare "one" with itself: name two runs or more, or a sweep',
  ]);
  const other = await project.command("compare", "one", "onne");
  equal([other.code, other.stderr.trim()], [
    2,
    `Cannot find a run "onne" in ${project.path}/outputs: did you mean "one"?`,
  ]);
});
