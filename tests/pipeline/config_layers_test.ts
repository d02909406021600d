import { deepStrictEqual as equal } from "node:assert/strict";
import { Configs, lines } from "./config_stages.ts";

const BASE = lines(
  "name: base",
  "seed: 7",
  "stages:",
  "  field: { size: 3, shares: [0.1, 0.2, 0.7] }",
  "  mill: { rounds: 5, power: { name: wind, sails: 6 } }",
);

async function paramsOf(configs: Configs, name: string, set: string[] = []) {
  const { plan } = await configs.read(name, set);
  const params = Object.fromEntries(plan.stages.map((stage) => [stage.name, stage.params]));
  return { name: plan.name, seed: plan.seed, params };
}

Deno.test("a config laid over another: maps are merged, lists and values replaced", async () => {
  await using configs = await Configs.create({
    "base.yaml": BASE,
    "sub/top.yaml": lines(
      "extends: ../base.yaml",
      "name: top",
      "stages:",
      "  field: { shares: [0, 0, 1] }",
      "  mill: { power: { sails: 8 } }",
    ),
  });
  const { name, seed, params: { field, mill } } = await paramsOf(configs, "sub/top.yaml");
  equal({ name, seed }, { name: "top", seed: 7 });
  equal(field, { crop: "wheat", size: 3, shares: [0, 0, 1] });
  equal(mill.rounds, 5);
  equal(mill.power, { name: "wind", sails: 8 });
});

Deno.test("a map that names another thing is replaced whole", async () => {
  await using configs = await Configs.create({
    "base.yaml": BASE,
    "top.yaml": "extends: base.yaml\nstages: { mill: { power: { name: water } } }\n",
  });
  const { params } = await paramsOf(configs, "top.yaml");
  equal(params.mill.power, { name: "water", height: 2 });
});

Deno.test("a mistake is pointed at in the file where it stands", async () => {
  await using configs = await Configs.create({
    "base.yaml": BASE.replace("rounds: 5", "rounds: -5"),
    "top.yaml": "extends: base.yaml\nstages: { field: { sise: 4 } }\n",
  });
  equal(await configs.mistakes("top.yaml"), [
    '2:20 Cannot read key "sise" in "field": did you mean "size"?',
    'base.yaml:5:19 Cannot use -5 for "rounds" in "mill": it must be at least 0',
  ]);
});

Deno.test("configs that extend each other, or one that is not there, are refused", async () => {
  await using configs = await Configs.create({
    "a.yaml": "extends: b.yaml\nstages: { field: }\n",
    "b.yaml": "extends: a.yaml\nstages: { field: }\n",
    "lost.yaml": "extends: c.yaml\nstages: { field: }\n",
    "wrong.yaml": "extends: [a.yaml]\nstages: { field: }\n",
  });
  equal(await configs.mistakes("a.yaml"), [
    "b.yaml:1:10 Cannot extend in a circle: a.yaml -> b.yaml -> a.yaml",
  ]);
  equal(await configs.mistakes("lost.yaml"), [
    "1:10 Cannot read c.yaml: there is no such file",
  ]);
  equal(await configs.mistakes("wrong.yaml"), [
    '1:10 Cannot use ["a.yaml"] for "extends": it must be the path of another config',
  ]);
});

Deno.test("of a config whose base can't be read, what may stand in the base is not called missing", async () => {
  await using configs = await Configs.create({
    "lost.yaml": lines(
      "extends: nowhere.yaml",
      "stages: { mill: { roundss: 2 }, bakery: { needs: { flour: fine } } }",
      "sweep: { method: grid, parameters: { field.size: [1, 2] } }",
    ),
    "bare.yaml": "extends: nowhere.yaml\nseed: 1\n",
  });
  const lost = "1:10 Cannot read nowhere.yaml: there is no such file";
  equal(await configs.mistakes("lost.yaml", ["field.size=3"]), [
    lost,
    '2:19 Cannot read key "roundss" in "mill": did you mean "rounds"?',
  ]);
  equal(await configs.mistakes("bare.yaml"), [lost]);
});

Deno.test("a setting takes the place of one value and gives the same plan as the file", async () => {
  await using configs = await Configs.create({
    "base.yaml": BASE,
    "written.yaml": BASE.replace("seed: 7", "seed: 9").replace("rounds: 5", "rounds: 2")
      .replace("0.2", "0.25").replace("name: wind, sails: 6", "name: water"),
  });
  const set = [
    "seed=9",
    "mill.rounds=4",
    "mill.rounds=2",
    "field.shares.1=0.25",
    "mill.power={ name: water }",
  ];
  equal(await paramsOf(configs, "base.yaml", set), await paramsOf(configs, "written.yaml"));
});

Deno.test("a setting that can't be used is pointed at on the command line", async () => {
  await using configs = await Configs.create({ "base.yaml": BASE });
  const mistakes = (...set: string[]) => configs.mistakes("base.yaml", set);
  equal(await mistakes("mill.rounds=x"), [
    '--set mill.rounds=x Cannot use "x" for "rounds" in "mill": it must be a whole number',
  ]);
  equal(await mistakes("mill.round=3"), [
    '--set mill.round=3 Cannot read key "round" in "mill": did you mean "rounds"?',
  ]);
  equal(await mistakes("mil.rounds=3"), [
    '--set mil.rounds=3 Cannot find "mil.rounds" in the config: did you mean "mill.rounds"?',
  ]);
  equal(await mistakes("rounds=3"), [
    '--set rounds=3 Cannot find "rounds" in the config: did you mean "mill.rounds"?',
  ]);
  equal(await mistakes("stages.mill.rounds=3"), [
    '--set stages.mill.rounds=3 Cannot find "stages.mill.rounds" in the config: ' +
    'did you mean "mill.rounds"?',
  ]);
  equal(await mistakes("bakery.oven=3"), [
    '--set bakery.oven=3 Cannot find "bakery.oven" in the config: a path is "seed", "name", or ' +
    'begins with a stage: "field" or "mill"',
  ]);
  equal(await mistakes("mill.rounds"), [
    "--set mill.rounds Cannot read it: write PATH=VALUE, train.epochs=3 for example",
  ]);
  equal(await mistakes("mill..rounds=3"), [
    '--set mill..rounds=3 Cannot find "mill..rounds" in the config: a path is words joined by ' +
    "single dots",
  ]);
  equal(await mistakes("field.shares=[1"), [
    "--set field.shares=[1 Cannot read its value as YAML: flow sequence must end with a ]",
  ]);
  equal(await mistakes("mill.__proto__.rounds=3"), [
    '--set mill.__proto__.rounds=3 Cannot read key "__proto__" in "mill": its keys are "rounds", ' +
    '"fineness", "sieve", "power", "schedule", "uses" and "needs"',
  ]);
  equal(({} as { rounds?: number }).rounds, undefined);
});

Deno.test("a stage whose name has dots can be set", async () => {
  await using configs = await Configs.create({
    "base.yaml": lines(
      "stages:",
      "  field:",
      "  mill: { rounds: 1 }",
      "  mill.b: { uses: mill, rounds: 2 }",
    ),
  });
  const { params } = await paramsOf(configs, "base.yaml", ["mill.b.rounds=9", "mill.rounds=8"]);
  equal([params["mill"].rounds, params["mill.b"].rounds], [8, 9]);
});

Deno.test("null leaves to its default what may be missing, and is a value where it means something", async () => {
  const configs = {
    "base.yaml": "stages: { field: { shares: [1, 0, 0] }, mill: { fineness: 2 }, bakery: " +
      "{ recipe: rye, oven: 300 } }\n",
    "undone.yaml": "extends: base.yaml\nstages: { field: { shares: null }, mill: " +
      "{ fineness: null }, bakery: { oven: null } }\n",
    "needed.yaml": "extends: base.yaml\nstages: { field: { crop: null }, bakery: " +
      "{ recipe: null } }\n",
  };
  await using read = await Configs.create(configs);
  const { params } = await paramsOf(read, "undone.yaml");
  // As in config_stages.ts: 200 degrees, one for the mill and one for each of its three rounds.
  const { field, mill, bakery } = params;
  equal([field.shares, mill.fineness, bakery.oven], [undefined, null, 204]);
  equal((await paramsOf(read, "base.yaml", ["bakery.oven=null"])).params.bakery.oven, 204);
  equal(await read.mistakes("needed.yaml"), [
    '2:26 Cannot use null for "crop" in "field": it must be "wheat", or a map',
    '2:52 Cannot use null for "recipe" in "bakery": it must be text',
  ]);
});
