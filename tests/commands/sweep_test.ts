import { deepStrictEqual as equal, match, strictEqual } from "node:assert/strict";
import { sweepFile } from "../../commands/sweep_file.ts";
import type { PointResult } from "../../commands/sweep_points.ts";
import { CommandProject, TINY_CONFIG, TINY_STAGES } from "./project.ts";

Deno.test("a sweep over seeds has its groups in sweep.json and below the table", async () => {
  await using project = await CommandProject.create({
    ...TINY_STAGES,
    "seeds.yaml": TINY_CONFIG +
      "sweep: { method: grid, parameters: { seed: [1, 2], train.accuracy: [0.25, 0.75] } }\n",
  });
  const { code, stdout, stderr } = await project.command("run", "seeds.yaml");
  strictEqual(code, 0, stderr);
  const { groups } = sweepFile.parse(project.json("outputs/seeds/sweep.json"));
  equal(groups?.map(({ name, seeds }) => [name, seeds]), [
    ["accuracy-0.75", [1, 2]],
    ["accuracy-0.25", [1, 2]],
  ]);
  const end = stdout.slice(stdout.indexOf("  mean ± deviation")).trimEnd().split("\n");
  equal(end, [
    "  mean ± deviation over seeds  seeds  validation accuracy  validation loss",
    "  accuracy-0.75                    2         75.0% ± 0.0%  1.0000 ± 0.0000",
    "  accuracy-0.25                    2         25.0% ± 0.0%  1.0000 ± 0.0000",
    "",
    "Best by validation accuracy: outputs/seeds/seed-1_accuracy-0.75/",
    "Best by its mean over seeds: accuracy-0.75, 75.0% ± 0.0%",
    "All points together: outputs/seeds/report.html",
  ]);
  equal(
    project.json("outputs/seeds/figures/figures.json").map((one: { name: string }) => one.name),
    [
      "parallel-coordinates",
      "accuracy-by-parameter",
      "curves",
    ],
  );
  const page = project.read("outputs/seeds/report.html");
  strictEqual(page.includes('href="seed-1_accuracy-0.75/report.html"'), true);
  // Test images have no say, and nothing comes from elsewhere.
  strictEqual(/<script|https?:\/\/(?!www\.w3\.org)/.test(page), false);
});

Deno.test("the page of a list gives each point its values, set by it or by the config", async () => {
  await using project = await CommandProject.create({
    ...TINY_STAGES,
    "list.yaml": TINY_CONFIG + `sweep:
  method: list
  points:
    - { train.accuracy: 0.75, data.size: 4 }
    - { train.accuracy: 0.25, train.loss: 2 }
    - { data.size: 3 }
`,
  });
  const { code, stderr } = await project.command("run", "list.yaml", "--quiet");
  strictEqual(code, 0, stderr);
  const table = project.read("outputs/list/report.md").split("\n")
    .filter((line) => line.startsWith("| ")).map((line) => line.split(" | ").slice(1, 4));
  equal(table, [
    ["train.accuracy", "data.size", "train.loss"],
    ["---", "---", "---"],
    ["0.75", "4", "1"],
    ["0.5", "3", "1"],
    ["0.25", "3", "2"],
  ]);
});

/** Accuracies and losses for four points; the second one fails. */
const SWEEP = TINY_CONFIG + `sweep:
  method: grid
  parameters:
    train.accuracy: [0.25, -1]
    data.size: [3, 4]
`;

Deno.test("a sweep runs every point, one that fails stops no other, and run again it is fresh", async () => {
  await using project = await CommandProject.create({ ...TINY_STAGES, "grid.yaml": SWEEP });
  const first = await project.command("run", "grid.yaml");
  strictEqual(first.code, 1, first.stderr);
  const sweep = project.json("outputs/grid/sweep.json");
  equal(sweepFile.parse(sweep), sweep);
  const parameters = (accuracy: number, size: number) => ({
    "train.accuracy": accuracy,
    "data.size": size,
  });
  const failed = { status: "failed", validation_accuracy: null };
  const ran = { status: "ran", validation_accuracy: 0.25 };
  equal(sweep, {
    metric: "validation_accuracy",
    points: [
      { name: "accuracy-0.25_size-3", parameters: parameters(0.25, 3), ...ran },
      { name: "accuracy-0.25_size-4", parameters: parameters(0.25, 4), ...ran },
      { name: "accuracy--1_size-3", parameters: parameters(-1, 3), ...failed },
      { name: "accuracy--1_size-4", parameters: parameters(-1, 4), ...failed },
    ],
    best: "accuracy-0.25_size-3",
  });
  equal(project.list("outputs/grid"), [
    "accuracy--1_size-3",
    "accuracy--1_size-4",
    "accuracy-0.25_size-3",
    "accuracy-0.25_size-4",
    "figures",
    "report.html",
    "report.md",
    "sweep.json",
  ]);
  // A point's folder is one deeper than a run's, and its links lead to the store all the same.
  const place = "outputs/grid/accuracy-0.25_size-4";
  strictEqual(project.json(`${place}/run.json`).name, "grid/accuracy-0.25_size-4");
  equal(project.json(`${place}/data/data.json`), { size: 4 });
  equal(project.list("outputs/.store/data").length, 2);

  project.write("grid.yaml", SWEEP.replace("[0.25, -1]", "[0.25]"));
  const second = await project.command("run", "grid.yaml", "--json");
  strictEqual(second.code, 0, second.stderr);
  const events = second.stdout.trim().split("\n").map((line) => JSON.parse(line));
  equal(
    events.filter(({ type }) => type === "stage-finished").map(({ status }) => status),
    ["fresh", "fresh", "fresh", "fresh"],
  );
  const { points } = project.json("outputs/grid/sweep.json");
  equal(points.map(({ status }: { status: string }) => status), ["fresh", "fresh"]);
});

Deno.test("points whose model is a linear probe's rank by that", async () => {
  const stage = TINY_STAGES["stages/train.ts"]
    .replace(
      /await output\.json\("history\.json".*?\}\);/s,
      `await output.json("probe.json", {
        images: { train: 8, validation: 4 }, features: 2, l2: params.loss, iterations: 1,
        converged: true, largest_gradient: 0, objective: 1, train_loss: 1, train_accuracy: 1,
        validation_loss: params.loss, validation_accuracy: params.accuracy,
      });`,
    );
  await using project = await CommandProject.create({
    ...TINY_STAGES,
    "stages/train.ts": stage,
    "grid.yaml": TINY_CONFIG +
      "sweep: { method: grid, parameters: { train.accuracy: [0.25, 0.75] } }\n",
  });
  strictEqual((await project.command("run", "grid.yaml", "--quiet")).code, 0);
  const { best, points } = project.json("outputs/grid/sweep.json");
  strictEqual(best, "accuracy-0.75");
  equal(
    points.map(({ validation_accuracy }: { validation_accuracy: number }) => validation_accuracy),
    [0.75, 0.25],
  );
  const status = await project.command("status", "grid");
  match(status.stdout, /accuracy-0\.75 \(best\).*75\.0%/);
  const compared = await project.command("compare", "grid");
  match(compared.stdout, /validation accuracy +75\.0% +25\.0%/);
  match(compared.stdout, /train accuracy +100\.0% +100\.0%/);
});

Deno.test("a sweep with a point that cannot be planned runs nothing", async () => {
  await using project = await CommandProject.create({
    ...TINY_STAGES,
    "grid.yaml": SWEEP.replace("[3, 4]", "[3, 91]"),
  });
  const { code, stdout, stderr } = await project.command("run", "grid.yaml");
  equal([code, stdout], [2, ""]);
  strictEqual(
    stderr.split("\n")[0],
    'grid.yaml:3:3 Cannot train on more than 90 (at the point "accuracy-0.25_size-91" of the sweep)',
  );
  equal(project.list("outputs"), []);
});

Deno.test("a dry run of a sweep tells points of which the same is to be said together, and writes nothing", async () => {
  await using project = await CommandProject.create({ ...TINY_STAGES, "grid.yaml": SWEEP });
  const { code, stdout } = await project.command("run", "grid.yaml", "--dry-run");
  strictEqual(code, 0);
  const all = "accuracy-0.25_size-3, accuracy--1_size-3, accuracy-0.25_size-4, accuracy--1_size-4";
  equal(stdout.trimEnd().split("\n"), [
    `== ${all} (4 points)`,
    "  stage  status     why",
    "  data   would run  first run",
    "  train  may run    data would run",
    "",
    "A dry run of 4 points: nothing was done. What points share counted once, it would run " +
    "data 2 times, train at most 4 times.",
  ]);
  equal(project.list("outputs"), []);

  project.write("grid.yaml", SWEEP.replace("-1", "0.5"));
  strictEqual((await project.command("run", "grid.yaml", "--quiet")).code, 0);
  project.write("grid.yaml", SWEEP.replace("-1", "0.75"));
  const second = await project.command("run", "grid.yaml", "--dry-run");
  equal(second.stdout.match(/^==.*$/gm), [
    "== accuracy-0.25_size-3, accuracy-0.25_size-4 (2 points)",
    "== accuracy-0.75_size-3, accuracy-0.75_size-4 (2 points)",
  ]);
  match(second.stdout, /counted once, it would run train 2 times\.$/m);
});

Deno.test("a forced stage that points share is run once for them", async () => {
  const sweep = SWEEP.replace("[0.25, -1]", "[0.25, 0.5]");
  await using project = await CommandProject.create({ ...TINY_STAGES, "grid.yaml": sweep });
  strictEqual((await project.command("run", "grid.yaml", "--quiet")).code, 0);
  const { stdout } = await project.command("run", "grid.yaml", "--force", "data", "--json");
  const statuses = stdout.trim().split("\n").map((line) => JSON.parse(line))
    .filter(({ type, stage }) => type === "stage-finished" && stage === "data")
    .map(({ status }) => status);
  equal(statuses, ["ran", "fresh", "ran", "fresh"]);
});

Deno.test("a single run and a sweep do not share a folder, nor do two configs", async () => {
  await using project = await CommandProject.create({
    ...TINY_STAGES,
    "grid.yaml": SWEEP,
    "one.yaml": TINY_CONFIG,
    "two.yaml": TINY_CONFIG,
    "outputs/one/run.json": "{}",
    "outputs/grid/sweep.json": "{}",
  });
  const told = async (...args: string[]) => {
    const { code, stderr } = await project.command("run", ...args);
    strictEqual(code, 2);
    return stderr.split("\n")[0].replaceAll(`${project.path}/`, "");
  };
  strictEqual(
    await told("grid.yaml", "--name", "one"),
    "Cannot run a sweep in outputs/one/: there is a single run in it",
  );
  strictEqual(
    await told("one.yaml", "--name", "grid"),
    "Cannot run a single config in outputs/grid/: there is a sweep in it",
  );
  strictEqual(
    await told("one.yaml", "two.yaml", "--name", "both"),
    "Cannot run one.yaml and two.yaml together: both would write outputs/both/",
  );
});

Deno.test("a sweep that is interrupted keeps what is done and leaves the rest", async () => {
  const sweep = TINY_CONFIG + `sweep:
  method: list
  points:
    - { train.accuracy: 0.75 }
    - { train.wait: true }
    - { train.accuracy: 0.5 }
`;
  await using project = await CommandProject.create({ ...TINY_STAGES, "list.yaml": sweep });
  const child = project.spawn("run", "list.yaml");
  const place = "outputs/list/wait-true/events.jsonl";
  const begun = () => {
    try {
      return project.read(place).includes("at work");
    } catch {
      return false;
    }
  };
  while (!begun()) await new Promise((resolve) => setTimeout(resolve, 20));
  const during = await project.command("status", "--json");
  const [{ state, points }] = JSON.parse(during.stdout);
  strictEqual(state, "running");
  equal(
    points.map(({ name, state }: { name: string; state: string }) => [name, state]),
    [
      ["list/accuracy-0.75", "done"],
      ["list/wait-true", "running"],
      ["list/accuracy-0.5", "not begun"],
    ],
  );
  child.kill("SIGINT");
  strictEqual((await child.output()).code, 130);
  strictEqual(project.list("outputs/list").includes("report.html"), false, "a page takes long");
  const after = project.json("outputs/list/sweep.json");
  equal(
    after.points.map(({ name, status }: PointResult) => [name, status]),
    [["accuracy-0.75", "ran"], ["wait-true", "interrupted"], ["accuracy-0.5", "not reached"]],
  );
  strictEqual(after.best, "accuracy-0.75");
});
