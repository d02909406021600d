import { deepStrictEqual as equal, ok } from "node:assert/strict";
import { expandSweep } from "../../pipeline/sweep.ts";
import { Configs, lines, mistakesOf } from "./config_stages.ts";

const farm = (...sweep: string[]) => lines("stages:", "  field:", "  mill:", ...sweep);

Deno.test("a sweep is read beside the plan", async () => {
  await using configs = await Configs.create({
    "farm.yaml": farm(
      "sweep:",
      "  method: grid",
      "  parameters: { mill.rounds: [1, 2], seed: [3, 4] }",
    ),
  });
  const { plan, sweep } = await configs.read("farm.yaml");
  equal(plan.stages.length, 2);
  equal(sweep, { method: "grid", parameters: { "mill.rounds": [1, 2], seed: [3, 4] } });
});

Deno.test("every path and value of a sweep is checked", async () => {
  equal(
    await mistakesOf(farm(
      "sweep:",
      "  method: random",
      "  samples: 0",
      "  parameters:",
      "    mill.rounds: [1, x, -1]",
    )),
    ['6:12 Cannot use 0 for "samples" in "sweep": it must be at least 1'],
  );
  equal(
    await mistakesOf(farm(
      "sweep:",
      "  method: grid",
      "  parameters:",
      "    mill.rounds: [1, x, -1]",
      "    mill.round: [1]",
      "    mil.rounds: [1]",
      "    name: [a]",
      "    seed: [1, -1]",
    )),
    [
      '7:22 Cannot use "x" for "rounds" in "mill": it must be a whole number',
      '7:25 Cannot use -1 for "rounds" in "mill": it must be at least 0',
      '8:5 Cannot read key "round" in "mill": did you mean "rounds"?',
      '9:5 Cannot find "mil.rounds" in the config: did you mean "mill.rounds"?',
      '10:5 Cannot sweep over "name": every point has its own',
      '11:15 Cannot use -1 for "seed": it must be at least 0',
    ],
  );
  equal(
    await mistakesOf(farm("sweep: { method: grid, points: [] }")),
    [
      '4:1 Cannot do without "parameters" in "sweep": it must be a map',
      '4:24 Cannot read key "points" in "sweep": its keys are "method" and "parameters"',
    ],
  );
});

Deno.test("a point of a list is checked as a whole", async () => {
  const sweep = (point: string) => farm("sweep:", "  method: list", `  points: [${point}]`);
  equal(await mistakesOf(sweep("{ mill.power.name: wind, mill.power.sails: 5 }")), []);
  equal(await mistakesOf(sweep("{ mill.power.name: water, mill.power.sails: 5 }")), [
    '6:38 Cannot read key "sails" in "mill.power": its keys are "name" and "height"',
  ]);
});

Deno.test("a grid with more points than anybody runs is refused", async () => {
  const values = `[${Array(101).fill(1).join(", ")}]`;
  equal(
    await mistakesOf(farm(
      `sweep: { method: grid, parameters: { mill.rounds: ${values}, seed: ${values} } }`,
    )),
    ["4:1 Cannot sweep 10201 points: there may be 10000 at most"],
  );
});

Deno.test("a grid is every combination, the last parameter changing fastest", async () => {
  const points = await expandSweep({
    method: "grid",
    parameters: { "train.optimizer.learning_rate": [1e-4, 1e-3], "freeze.blocks": [4, 6] },
  }, 0);
  equal(points, [
    {
      name: "learning_rate-0.0001_blocks-4",
      set: { "train.optimizer.learning_rate": 1e-4, "freeze.blocks": 4 },
    },
    {
      name: "learning_rate-0.0001_blocks-6",
      set: { "train.optimizer.learning_rate": 1e-4, "freeze.blocks": 6 },
    },
    {
      name: "learning_rate-0.001_blocks-4",
      set: { "train.optimizer.learning_rate": 1e-3, "freeze.blocks": 4 },
    },
    {
      name: "learning_rate-0.001_blocks-6",
      set: { "train.optimizer.learning_rate": 1e-3, "freeze.blocks": 6 },
    },
  ]);
});

Deno.test("random points are distinct, of the grid, and the same for the same seed", async () => {
  const grid = { a: [1, 2, 3, 4, 5], b: [1, 2, 3, 4, 5], c: [1, 2, 3, 4] };
  const draw = (seed: number, samples = 20) =>
    expandSweep({ method: "random", samples, parameters: grid }, seed);
  const first = await draw(1);
  equal(await draw(1), first);
  ok(JSON.stringify(await draw(2)) !== JSON.stringify(first));
  equal(new Set(first.map(({ set }) => JSON.stringify(set))).size, 20);
  equal((await draw(1, 1000)).length, 100);
  // Every point is as likely as every other: 0.2 of 100 points, over 500 seeds.
  const counts = new Map<string, number>();
  for (let seed = 0; seed < 500; seed++) {
    for (const { set } of await draw(seed)) {
      counts.set(JSON.stringify(set), (counts.get(JSON.stringify(set)) ?? 0) + 1);
    }
  }
  equal(counts.size, 100);
  // A binomial count with mean 100 and deviation 8.9: five deviations on either side.
  for (const count of counts.values()) ok(count > 55 && count < 145, String(count));
});

Deno.test("points have names that are plain file names and unlike each other", async () => {
  const names = async (points: Record<string, unknown>[]) =>
    (await expandSweep({ method: "list", points }, 0)).map(({ name }) => name);
  equal(
    await names([
      { "train.optimizer": { name: "sgd", momentum: 0.9 } },
      { "a.rate": 1, "b.rate": 2 },
      { "load-pretrained.model": "google/vit-base" },
      { "x.y": null },
      { "x.y": "A" },
      { "x.y": "a" },
      { "x.y": "z".repeat(200) },
      {},
    ]),
    [
      "optimizer-name-sgd-momentum-0.9",
      "a.rate-1_b.rate-2",
      "model-google-vit-base",
      "y-null",
      "y-A",
      "y-a-again-2",
      "point-7",
      "point-8",
    ],
  );
});
