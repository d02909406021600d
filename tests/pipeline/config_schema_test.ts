import { deepStrictEqual as equal } from "node:assert/strict";
import { Configs, lines, mistakesOf } from "./config_stages.ts";

/** Mistakes in a mill, with `text` in its braces; the field that it needs is there. */
const mill = (text: string) => mistakesOf(lines("stages:", "  field:", `  mill: { ${text} }`));
const field = (text: string) => mistakesOf(lines("stages:", `  field: { ${text} }`));

Deno.test("a misspelt key names the right one, at every depth", async () => {
  equal(await mill("round: 3"), ['3:11 Cannot read key "round" in "mill": did you mean "rounds"?']);
  equal(await mill("power: { name: wind, sail: 3 }"), [
    '3:32 Cannot read key "sail" in "mill.power": did you mean "sails"?',
  ]);
  equal(await field("crop: { seedz: barley }"), [
    '2:20 Cannot read key "seedz" in "field.crop": did you mean "seeds"?',
  ]);
  equal(await mistakesOf("stage: { field: }\nstages: { field: }\n"), [
    '1:1 Cannot read key "stage" in the config: did you mean "stages"?',
  ]);
});

Deno.test("a key unlike any other lists those that there are", async () => {
  equal(await field("colour: red"), [
    '2:12 Cannot read key "colour" in "field": its keys are "crop", "size", "shares", "uses" ' +
    'and "needs"',
  ]);
});

Deno.test("a key that belongs further in, or under stages, is told its place", async () => {
  equal(await mill("sails: 3"), [
    '3:11 Cannot read key "sails" in "mill": did you mean "power.sails"?',
  ]);
  equal(await mistakesOf("mill: {}\nstages: { field: }\n"), [
    '1:1 Cannot read key "mill" in the config: it belongs under "stages"',
  ]);
});

Deno.test("keys of JavaScript's own objects are unknown keys like others", async () => {
  const keys = '"crop", "size", "shares", "uses" and "needs"';
  equal(await field("__proto__: { size: 3 }"), [
    `2:12 Cannot read key "__proto__" in "field": its keys are ${keys}`,
  ]);
  equal(await field("constructor: 1"), [
    `2:12 Cannot read key "constructor" in "field": its keys are ${keys}`,
  ]);
  equal(await mistakesOf("stages: { __proto__: {}, field: {} }"), [
    '1:11 Cannot find a kind of stage "__proto__": there are "field", "mill", "bakery" and ' +
    '"saltern"; "uses" says which it is',
  ]);
});

Deno.test("a value of the wrong type is told the right one", async () => {
  equal(await mill("rounds: ten"), [
    '3:19 Cannot use "ten" for "rounds" in "mill": it must be a whole number',
  ]);
  equal(await mill("rounds: 1.5"), [
    '3:19 Cannot use 1.5 for "rounds" in "mill": it must be a whole number',
  ]);
  equal(await mill("sieve: 1"), [
    '3:18 Cannot use 1 for "sieve" in "mill": it must be true or false',
  ]);
  equal(await mill("fineness: off"), [
    '3:21 Cannot use "off" for "fineness" in "mill": it must be a number, or null',
  ]);
  equal(await mill("power: 3"), ['3:18 Cannot use 3 for "power" in "mill": it must be a map']);
  equal(await field("shares: 3"), ['2:20 Cannot use 3 for "shares" in "field": it must be a list']);
  equal(await mistakesOf("stages: { field: 3 }"), [
    '1:18 Cannot use 3 for "field" in "stages": it must be a map of parameters',
  ]);
});

Deno.test("a value out of range is told the bound", async () => {
  equal(await mill("rounds: -3"), [
    '3:19 Cannot use -3 for "rounds" in "mill": it must be at least 0',
  ]);
  equal(await mill("rounds: 101"), [
    '3:19 Cannot use 101 for "rounds" in "mill": it must be at most 100',
  ]);
  equal(await mill("fineness: 0"), [
    '3:21 Cannot use 0 for "fineness" in "mill": it must be more than 0',
  ]);
  equal(await field("shares: [0.1, 0.2]"), [
    '2:20 Cannot use [0.1,0.2] for "shares" in "field": it must have exactly 3 values',
  ]);
  equal(await field("shares: [0.1, 2, 0.2]"), [
    '2:26 Cannot use 2 for "shares[1]" in "field": it must be at most 1',
  ]);
});

Deno.test("numbers that are not finite are refused", async () => {
  equal(await mill("fineness: .nan"), [
    '3:21 Cannot use NaN for "fineness" in "mill": it must be a finite number, or null',
  ]);
  equal(await mill("rounds: .inf"), [
    '3:19 Cannot use Infinity for "rounds" in "mill": it must be a whole number',
  ]);
  equal(await mistakesOf("seed: -.inf\nstages: { field: }"), [
    '1:7 Cannot use -Infinity for "seed": it must be a whole number',
  ]);
});

Deno.test("a word that is none of a list names the nearest, else all", async () => {
  equal(await mill("schedule: dayly"), [
    '3:21 Cannot use "dayly" for "schedule" in "mill": did you mean "daily"?',
  ]);
  equal(await mill("schedule: never"), [
    '3:21 Cannot use "never" for "schedule" in "mill": it must be "daily" or "weekly"',
  ]);
});

Deno.test("a choice is explained by the branch that fits best", async () => {
  equal(await field("crop: weat"), [
    '2:18 Cannot use "weat" for "crop" in "field": did you mean "wheat"?',
  ]);
  equal(await field("crop: 3"), [
    '2:18 Cannot use 3 for "crop" in "field": it must be "wheat", or a map',
  ]);
  equal(await field("size: [3, 0]"), [
    '2:22 Cannot use 0 for "size[1]" in "field": it must be at least 1',
  ]);
  equal(await field("size: [1, 2, 3]"), [
    '2:18 Cannot use [1,2,3] for "size" in "field": it must have at most 2 values',
  ]);
  equal(await mill("power: { name: wint }"), [
    '3:26 Cannot use "wint" for "name" in "mill.power": did you mean "wind"?',
  ]);
  equal(await mill("power: { name: [wind] }"), [
    '3:26 Cannot use ["wind"] for "name" in "mill.power": it must be "water" or "wind"',
  ]);
  equal(await mill("power: { name: water, sails: 3 }"), [
    '3:33 Cannot read key "sails" in "mill.power": its keys are "name" and "height"',
  ]);
});

Deno.test("a mistake does not hide others behind it", async () => {
  equal(await mill("power: { name: wint, sails: 1 }, round: -3"), [
    '3:26 Cannot use "wint" for "name" in "mill.power": did you mean "wind"?',
    '3:39 Cannot use 1 for "sails" in "mill.power": it must be at least 2',
    '3:44 Cannot read key "round" in "mill": did you mean "rounds"?',
    '3:51 Cannot use -3 for "rounds" in "mill": it must be at least 0',
  ]);
});

Deno.test("what is required and missing is pointed at by its stage's name", async () => {
  equal(await mistakesOf(lines("stages:", "  field:", "  bakery: { oven: 200 }")), [
    '3:3 Cannot do without "recipe" in "bakery": it must be text',
  ]);
  equal(await mistakesOf("seed: 3\n"), ['1:1 Cannot do without "stages": it must be a map']);
  equal(await mistakesOf("stages: {}\n"), [
    '1:1 Cannot run a config without stages: "stages" is empty',
  ]);
});

Deno.test("a key that is misspelt is not reported as missing too", async () => {
  equal(await mistakesOf(lines("stages:", "  field:", "  bakery: { recipes: rye }")), [
    '3:13 Cannot read key "recipes" in "bakery": did you mean "recipe"?',
  ]);
});

Deno.test("the seed is a whole number of 32 bits, 42 by default", async () => {
  equal(await mistakesOf("seed: -1\nstages: { field: }\n"), [
    '1:7 Cannot use -1 for "seed": it must be at least 0',
  ]);
  equal(await mistakesOf("seed: 4294967296\nstages: { field: }\n"), [
    '1:7 Cannot use 4294967296 for "seed": it must be at most 4294967295',
  ]);
  await using configs = await Configs.create({ "farm.yaml": "stages: { field: }\n" });
  equal((await configs.read("farm.yaml")).plan.seed, 42);
});

Deno.test("a name can't lead out of outputs/, hide there or be too long", async () => {
  const rule = "it must be letters, digits, dots, underscores and hyphens, at most 100, " +
    "with no dot first";
  for (const name of ["../x", "a/b", ".store", "..", "a b", "", "C:\\x", "x".repeat(101)]) {
    const shown = JSON.stringify(name.length > 60 ? name.slice(0, 58) : name);
    const [mistake] = await mistakesOf(`name: ${JSON.stringify(name)}\nstages: { field: }\n`);
    equal(
      mistake.replace("…", ""),
      `1:7 Cannot use ${shown} for "name": ${rule}`,
    );
  }
  equal(await mistakesOf("stages: { ../x: { uses: field } }"), [
    `1:11 Cannot name a stage "../x": ${rule}`,
  ]);
});

Deno.test("a run is named by --name, else by the config, else by its file", async () => {
  await using configs = await Configs.create({
    "farm.yaml": "stages: { field: }\n",
    "named.yaml": "name: acre\nstages: { field: }\n",
    "my farm.yml": "stages: { field: }\n",
  });
  equal((await configs.read("farm.yaml")).plan.name, "farm");
  equal((await configs.read("named.yaml")).plan.name, "acre");
  equal((await configs.read("named.yaml", [], "other")).plan.name, "other");
  equal((await configs.read("my farm.yml", [], "other")).plan.name, "other");
  const rule = "it must be letters, digits, dots, underscores and hyphens, at most 100, " +
    "with no dot first";
  equal(await configs.mistakes("my farm.yml"), [
    `Cannot name the run after my farm.yml: ${rule}; write "name:" in it`,
  ]);
  equal(await configs.mistakes("farm.yaml", [], "../x"), [
    `--name ../x Cannot use "../x" as a name: ${rule}`,
  ]);
});

Deno.test("a stage's name can't be one that means something else, or a twin on some disks", async () => {
  equal(
    await mistakesOf(lines(
      "stages:",
      "  seed: { uses: field }",
      "  sweep.json: { uses: saltern }",
      "  mill: { needs: { grain: seed } }",
      "  Mill: { uses: mill, needs: { grain: seed } }",
    )),
    [
      '2:3 Cannot name a stage "seed": the word is taken',
      '3:3 Cannot name a stage "sweep.json": the word is taken',
      '5:3 Cannot name a stage "Mill": "mill" would be the same folder on some disks',
    ],
  );
});

/** Mistakes in what stands below the stages. */
const elsewhere = (text: string) => mistakesOf(lines("stages: { field: }", text));

Deno.test("options of sbatch are held against its forms", async () => {
  const slurm = (text: string) => elsewhere(`executor: { slurm: { ${text} } }`);
  const told = (column: number, shown: string, key: string, rule: string) => [
    `2:${column} Cannot use ${shown} for "${key}" in "executor.slurm": ${rule}`,
  ];
  const ours = "is set by the executor; leave it out";
  equal(await slurm("extra: [--qos=long, --array=1-3]"), [
    ...told(42, '"--array=1-3"', "extra[1]", `--array ${ours}`),
  ]);
  equal(await slurm("extra: [-a1-3]"), told(30, '"-a1-3"', "extra[0]", `-a ${ours}`));
  const time = "it must be a text such as 01:30:00 (hours:minutes:seconds), 2-12 (days-hours) " +
    'or "90" (minutes)';
  for (const wrong of ["abc", "1:2:3:4", "1-2:3:4:5", "90s", "1-", ""]) {
    const shown = JSON.stringify(wrong);
    equal(await slurm(`time: ${shown}`), told(28, shown, "time", time));
  }
  equal(await slurm("time: 90"), told(28, "90", "time", time));
  const memory = "it must be a whole number with K, M, G or T, such as 8G";
  for (const wrong of ["8 GB", "8P", "1.5G", "8Gi", "lots", ""]) {
    const shown = JSON.stringify(wrong);
    equal(await slurm(`mem: ${shown}`), told(27, shown, "mem", memory));
  }
  equal(await slurm("mem: 8"), told(27, "8", "mem", memory));
  for (const right of ['"90"', "1:30", "01:30:00", "2-12", "2-12:30", "2-0:0:1", "UNLIMITED"]) {
    equal(await slurm(`time: ${right}`), [], right);
  }
  for (const right of ['"800"', "8G", "8g", "8GB", "500M", "1T"]) {
    equal(await slurm(`mem: ${right}`), [], right);
  }
  equal(await slurm("extra: [--qos=long, -C, fast, --exclude n7]"), []);
});

Deno.test("addresses are told in words, not as a pattern", async () => {
  equal(await elsewhere("store: { url: ftp://h }"), [
    '2:15 Cannot use "ftp://h" for "url" in "store": it must be https://…, http://… or ' +
    "s3://bucket/prefix",
  ]);
  equal(await elsewhere("store: { url: s3://b/p, endpoint: h:9000 }"), [
    '2:35 Cannot use "h:9000" for "endpoint" in "store": it must be https://… or http://…',
  ]);
});

Deno.test("a text where a map or a list belongs is shown in the right form", async () => {
  const told = async (text: string) =>
    (await elsewhere(text)).join().split(": ").slice(1).join(": ");
  equal(await told("store: /mnt/shared"), "it must be a map: { path: /mnt/shared }");
  equal(await told('store: "/mnt/a, b"'), 'it must be a map: { path: "/mnt/a, b" }');
  equal(await told("store: s3://b/p"), 'it must be a map: { url: "s3://b/p" }');
  equal(await told("store: 3"), "it must be a map");
  equal(await told("executor: slurm"), "it must be a map: { slurm: {} }");
  equal(await told("executor: parallel"), "it must be a map: { parallel: {} }");
  equal(await told("executor: [slurm]"), "it must be a map");
  equal(await told("executor: { parallel: { hosts: node1 } }"), "it must be a list: [node1]");
  equal(
    await told("executor: { slurm: { setup: module load cuda } }"),
    'it must be a list: ["module load cuda"]',
  );
  equal(await told("executor: { slurm: { setup: 3 } }"), "it must be a list");
});
