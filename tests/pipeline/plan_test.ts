import { deepStrictEqual as equal, rejects, throws } from "node:assert/strict";
import { join } from "node:path";
import { UserError } from "../../base/errors.ts";
import type { StageDefinition } from "../../stages/stage.ts";
import type { Registry } from "../../pipeline/types.ts";
import { readPlan, stageNamed } from "../../pipeline/plan.ts";
import { Configs, KINDS, lines, mistakesOf, registry } from "./config_stages.ts";

async function planOf(text: string) {
  await using configs = await Configs.create({ "farm.yaml": text });
  return (await configs.read("farm.yaml")).plan;
}

const needsOf = (plan: Awaited<ReturnType<typeof planOf>>) =>
  Object.fromEntries(plan.stages.map(({ name, needs }) => [name, needs]));

Deno.test("a plan has every default filled in, and where it lies", async () => {
  await using configs = await Configs.create({ "configs/farm.yaml": "stages: { field: null }\n" });
  const config = join(configs.folder, "configs", "farm.yaml");
  const plan = await readPlan({ config, set: [], registry });
  equal(plan, {
    name: "farm",
    config,
    project: configs.folder,
    seed: 42,
    stages: [{
      name: "field",
      definition: KINDS[0],
      module: "/kinds/field/mod.ts",
      params: { crop: "wheat", size: 10 },
      needs: {},
      usesSeed: false,
    }],
  });
});

Deno.test("a stage comes after those that it needs, else as in the file", async () => {
  const plan = await planOf(lines(
    "stages:",
    "  bakery: { recipe: rye }",
    "  saltern:",
    "  mill:",
    "  field:",
  ));
  equal(plan.stages.map(({ name }) => name), ["saltern", "field", "mill", "bakery"]);
  equal(needsOf(plan), {
    saltern: {},
    field: {},
    mill: { grain: "field" },
    bakery: { flour: "mill", salt: "saltern" },
  });
});

Deno.test("an input is read from the first kind that the config has; an optional one may lack", async () => {
  const plan = await planOf(lines("stages:", "  field:", "  bakery: { recipe: rye }"));
  equal(needsOf(plan).bakery, { flour: "field" });
});

Deno.test("with several stages of a kind, needs says which", async () => {
  const text = (needs: string) =>
    lines(
      "stages:",
      "  field:",
      "  coarse: { uses: mill, rounds: 1 }",
      "  fine: { uses: mill, rounds: 9 }",
      "  saltern:",
      `  bakery: { recipe: rye${needs} }`,
    );
  equal(await mistakesOf(text("")), [
    '6:3 Cannot choose "flour" of "bakery" among "coarse" and "fine": ' +
    "write needs: { flour: coarse }, for example",
  ]);
  equal(needsOf(await planOf(text(", needs: { flour: fine, salt: null }"))).bakery, {
    flour: "fine",
  });
});

Deno.test("needs that can't be met name the nearest right word", async () => {
  const text = (needs: string) =>
    lines(
      "stages:",
      "  field:",
      "  mill:",
      "  saltern:",
      `  bakery: { recipe: rye, needs: ${needs} }`,
    );
  equal(await mistakesOf(text("{ flower: mill }")), [
    '5:35 Cannot find input "flower" of "bakery": did you mean "flour"?',
  ]);
  equal(await mistakesOf(text("{ flour: mil }")), [
    '5:42 Cannot read "flour" of "bakery" from "mil": did you mean "mill"?',
  ]);
  equal(await mistakesOf(text("{ flour: windmill }")), [
    '5:42 Cannot read "flour" of "bakery" from "windmill": it must be "field" or "mill"',
  ]);
  equal(await mistakesOf(text("{ flour: saltern }")), [
    '5:42 Cannot read "flour" of "bakery" from "saltern": it must be a stage of kind "mill" or ' +
    '"field", and is "saltern"',
  ]);
  equal(await mistakesOf(text("{ flour: null }")), [
    '5:42 Cannot leave out "flour" of "bakery": it can\'t do without',
  ]);
  equal(await mistakesOf(text("[mill]")), [
    '5:33 Cannot use ["mill"] for "needs" in "bakery": it must be a map',
  ]);
});

Deno.test("an input that nothing gives is pointed at by the stage's name", async () => {
  equal(await mistakesOf("stages: { mill: {} }\n"), [
    '1:11 Cannot run "mill" without "grain": add a stage "field"',
  ]);
});

Deno.test("a misspelt stage is not reported as missing too", async () => {
  equal(await mistakesOf(lines("stages:", "  feild: { size: 0 }", "  mill:")), [
    '2:3 Cannot find a kind of stage "feild": did you mean "field"?',
    '2:18 Cannot use 0 for "size" in "feild": it must be at least 1',
  ]);
  equal(await mistakesOf("stages: { land: { uses: feild } }\n"), [
    '1:25 Cannot use "feild" for "uses" in "land": did you mean "field"?',
  ]);
});

Deno.test("a cycle is told from its first stage in the file around to it", async () => {
  const loop = KINDS.map((kind) => kind.kind === "field" ? { ...kind, inputs: LOOP } : kind);
  await using configs = await Configs.create({
    "farm.yaml": lines(
      "stages:",
      "  bakery: { recipe: rye }",
      "  field: { needs: { dung: mill } }",
      "  mill:",
    ),
  });
  const looped = {
    ...registry,
    load: (kind: string) =>
      Promise.resolve({ definition: loop.find((other) => other.kind === kind)!, module: "" }),
  };
  await rejects(
    readPlan({ config: join(configs.folder, "farm.yaml"), set: [], registry: looped }),
    /farm\.yaml:3:27 Cannot order the stages: "field" needs "mill" needs "field"\n/,
  );
});

const LOOP = { dung: { from: ["mill"], optional: true } };

Deno.test("an input that stands above another is the one that the other is made from, if any", async () => {
  const grain = { from: ["field"], optional: true, above: "flour" };
  const more: Record<string, StageDefinition["inputs"]> = {
    bakery: { grain },
    mill: { brine: { from: ["saltern"], optional: true } },
    saltern: { fuel: { from: ["field"], optional: true } },
  };
  const kinds = KINDS.map((kind) => ({ ...kind, inputs: { ...kind.inputs, ...more[kind.kind] } }));
  const above: Registry = {
    ...registry,
    load: (uses) => {
      const definition = kinds.find(({ kind }) => kind === uses);
      return Promise.resolve(definition && { definition, module: `/kinds/${uses}/mod.ts` });
    },
  };
  const needs = async (...text: string[]) => {
    await using configs = await Configs.create({ "farm.yaml": lines("stages:", ...text) });
    const config = join(configs.folder, "farm.yaml");
    return needsOf(await readPlan({ config, set: [], registry: above })).bakery;
  };
  const fields = ["  near: { uses: field }", "  far: { uses: field }"];
  const mill = "  mill: { needs: { grain: far } }";
  // The bakery stands before what it needs: the order in the file does not matter.
  equal(await needs("  bakery: { recipe: rye }", ...fields, mill), { flour: "mill", grain: "far" });
  // What the mill itself reads goes before what the saltern that it reads is made from.
  const saltern = "  saltern: { needs: { fuel: near } }";
  equal(await needs("  bakery: { recipe: rye }", ...fields, saltern, mill), {
    flour: "mill",
    salt: "saltern",
    grain: "far",
  });
  // Flour that is the field's own is made from no field.
  equal(await needs("  field:", "  bakery: { recipe: rye }"), { flour: "field" });
  const written = "  bakery: { recipe: rye, needs: { grain: near } }";
  equal(await needs(...fields, mill, written), { flour: "mill", grain: "near" });
  const none = "  bakery: { recipe: rye, needs: { grain: null } }";
  equal(await needs(...fields, mill, none), { flour: "mill" });
});

Deno.test("a stage fills in what others know, and says what is wrong at its parameter", async () => {
  const plan = await planOf(lines(
    "stages:",
    "  field:",
    "  mill: { rounds: 7 }",
    "  bakery: { recipe: rye }",
  ));
  equal(plan.stages[2].params, { recipe: "rye", oven: 200 + 1 + 7 });
  equal(
    await mistakesOf(lines(
      "stages:",
      "  field: { sise: 3 }",
      "  mill:",
      "  bakery: { recipe: rye, oven: 500 }",
    )),
    [
      '2:12 Cannot read key "sise" in "field": did you mean "size"?',
      "4:32 Cannot heat to over 400 degrees",
    ],
  );
});

Deno.test("whether the seed counts may depend on the parameters", async () => {
  const seeds = async (sieve: boolean) => {
    const text = lines("stages:", "  field:", `  mill: { sieve: ${sieve} }`, "  saltern:");
    return (await planOf(text)).stages.map(({ usesSeed }) => usesSeed);
  };
  equal(await seeds(true), [false, true, false]);
  equal(await seeds(false), [false, false, false]);
});

Deno.test("a stage of the user's own is a module of the project", async () => {
  await using configs = await Configs.create({
    "stages/garden.ts": "",
    "configs/farm.yaml": "stages: { herbs: { uses: ./stages/garden.ts, size: 4 } }\n",
    "configs/lost.yaml": "stages: { herbs: { uses: ./stages/gardn.ts } }\n",
  });
  const { plan } = await configs.read("configs/farm.yaml");
  equal(plan.stages[0].module, join(configs.folder, "stages", "garden.ts"));
  equal(plan.stages[0].params, { crop: "wheat", size: 4 });
  equal(await configs.mistakes("configs/lost.yaml"), [
    '1:26 Cannot use "./stages/gardn.ts" for "uses" in "herbs": there is no file stages/gardn.ts',
  ]);
});

Deno.test("mistakes of YAML, schema and graph are told together, in order of lines", async () => {
  equal(
    await mistakesOf(lines(
      "seed: -1",
      "stages:",
      "  mill: { needs: { grain: feld } }",
      "  field: { size: 3, size: 4 }",
      "  bakery: { oven: 3, recipe: 4, flour: 3 }",
      "sweep: { method: gird, parameters: {} }",
    )),
    [
      '1:7 Cannot use -1 for "seed": it must be at least 0',
      '3:27 Cannot read "grain" of "mill" from "feld": did you mean "field"?',
      '4:21 Cannot read key "size" twice: it stands in line 4 already',
      '5:30 Cannot use 4 for "recipe" in "bakery": it must be text',
      '5:33 Cannot read key "flour" in "bakery": its keys are "recipe", "oven", "uses" and "needs"',
      '6:18 Cannot use "gird" for "method" in "sweep": did you mean "grid"?',
    ],
  );
});

Deno.test("a stage named on the command line is found, or the nearest is named", async () => {
  const plan = await planOf(lines("stages:", "  field:", "  mill:"));
  equal(stageNamed(plan, "mill", "--until").name, "mill");
  throws(
    () => stageNamed(plan, "mil", "--until"),
    new UserError('Cannot find stage "mil" for --until: did you mean "mill"?'),
  );
});
