import { deepStrictEqual as equal, rejects } from "node:assert/strict";
import { join } from "node:path";
import { ConfigProblems, lineAndColumn } from "../../pipeline/problems.ts";
import { inSharingOrder, readSweepFile } from "../../pipeline/sweep_plans.ts";
import { Configs, lines, registry } from "./config_stages.ts";

const FARM = lines(
  "stages:",
  "  field:",
  "  mill: { power: { name: wind, sails: 5 } }",
  "  bakery: { recipe: rye }",
);
const GRID = FARM + lines(
  "sweep:",
  "  method: grid",
  "  parameters:",
  "    mill.rounds: [1, 2]",
  "    field.size: [7, 8]",
);

async function read(text: string, set: string[] = [], name?: string) {
  await using configs = await Configs.create({ "farm.yaml": text });
  const config = join(configs.folder, "farm.yaml");
  return await readSweepFile({ config, set, name, registry });
}

async function mistakes(text: string, set: string[] = []): Promise<string[]> {
  const error = await read(text, set).then(() => undefined, (error) => error);
  if (!(error instanceof ConfigProblems)) throw error ?? new Error("Nothing is wrong");
  return error.problems.map(({ at, message }) => {
    const { line, column } = lineAndColumn(at!.source.text!, at!.start);
    return `${line}:${column} ${message}`;
  });
}

/** A parameter of a point's stage. */
function valueAt(file: Awaited<ReturnType<typeof read>>, stage: string, name: string) {
  return file.points!.map(({ plan }) =>
    plan.stages.find((one) => one.name === stage)!.params[name]
  );
}

Deno.test("a config without a sweep has a plan and no points", async () => {
  const { plan, points } = await read(FARM);
  equal(plan.name, "farm");
  equal(points, undefined);
});

Deno.test("every point has a plan of its own with everything filled in", async () => {
  const file = await read(GRID);
  equal(file.points!.map(({ plan }) => plan.name), [
    "farm/rounds-1_size-7",
    "farm/rounds-2_size-7",
    "farm/rounds-1_size-8",
    "farm/rounds-2_size-8",
  ]);
  equal(valueAt(file, "field", "size"), [7, 7, 8, 8]);
  equal(valueAt(file, "mill", "rounds"), [1, 2, 1, 2]);
  // What the bakery takes from the mill follows the point: 200 + 1 mill + its rounds.
  equal(valueAt(file, "bakery", "oven"), [202, 203, 202, 203]);
});

Deno.test("--name names the sweep, and a point may have another seed", async () => {
  const sweep = FARM + "sweep: { method: list, points: [{ seed: 8 }, { seed: 9 }] }\n";
  const { points } = await read(sweep, [], "trial");
  equal(points!.map(({ plan }) => [plan.name, plan.seed]), [["trial/seed-8", 8], [
    "trial/seed-9",
    9,
  ]]);
});

Deno.test("--set holds for every point, and the more precise path wins", async () => {
  equal(valueAt(await read(GRID, ["bakery.recipe=rice"]), "bakery", "recipe"), [
    "rice",
    "rice",
    "rice",
    "rice",
  ]);
  const narrow = FARM + "sweep: { method: grid, parameters: { mill.power.sails: [3, 4] } }\n";
  equal(valueAt(await read(narrow, ["mill.power={ name: wind }"]), "mill", "power"), [
    { name: "wind", sails: 3 },
    { name: "wind", sails: 4 },
  ]);
  const wide = FARM +
    "sweep: { method: grid, parameters: { mill.power: [{ name: wind, sails: 3 }] } }\n";
  equal(valueAt(await read(wide, ["mill.power.sails=6"]), "mill", "power"), [
    { name: "wind", sails: 6 },
  ]);
});

Deno.test("--set of the value that the sweep varies is refused", async () => {
  await rejects(read(GRID, ["mill.rounds=3"]), {
    name: "UserError",
    message: 'Cannot use --set mill.rounds=3: the sweep varies "mill.rounds"',
  });
});

Deno.test("what only a whole point shows to be wrong is told where the sweep says it", async () => {
  equal(
    await mistakes(
      FARM + lines("sweep:", "  method: grid", "  parameters:", "    bakery.oven: [1, 401, 402]"),
    ),
    [
      "8:22 Cannot heat to over 400 degrees",
      "8:27 Cannot heat to over 400 degrees",
    ],
  );
  equal(
    await mistakes(
      FARM + lines("sweep:", "  method: list", "  points:", "    - { bakery.oven: 500 }"),
    ),
    ["8:22 Cannot heat to over 400 degrees"],
  );
});

Deno.test("points are ordered so that the earliest stage that differs changes least often", async () => {
  const { plan } = await read(FARM);
  const points = [[1, 7], [1, 8], [2, 7], [2, 8]].map(([rounds, size]) => ({
    name: `${rounds} ${size}`,
    set: { "mill.rounds": rounds, "field.size": size },
  }));
  equal(inSharingOrder(points, plan).map(({ name }) => name), ["1 7", "2 7", "1 8", "2 8"]);
  // The seed comes before every stage, and a value that a point lacks is a value too.
  const mixed = [
    { name: "a", set: { "mill.rounds": 1 } },
    { name: "b", set: { seed: 2, "mill.rounds": 1 } },
    { name: "c", set: { "mill.rounds": 2 } },
    { name: "d", set: { seed: 2 } },
  ];
  equal(inSharingOrder(mixed, plan).map(({ name }) => name), ["a", "c", "b", "d"]);
});
