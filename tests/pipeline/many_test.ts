import { deepStrictEqual as equal, match, rejects } from "node:assert/strict";
import { join } from "node:path";
import { z } from "zod";
import { toMermaid } from "../../commands/dag.ts";
import { explainStage } from "../../pipeline/explanation.ts";
import { ConfigProblems } from "../../pipeline/problems.ts";
import { readPlan } from "../../pipeline/plan.ts";
import { Program } from "../../pipeline/program.ts";
import { stageJsonSchema } from "../../pipeline/schema.ts";
import type { Plan, Registry } from "../../pipeline/types.ts";
import { defineStage, type StageDefinition } from "../../stages/stage.ts";
import { Configs, lines, registry as farm } from "./config_stages.ts";
import { TestProject } from "./project.ts";

const run = () => Promise.reject(new Error("A plan loads no stage's work"));
const fair = defineStage<Record<string, never>, never, "grains">({
  kind: "fair",
  summary: "Compares what was ground",
  params: z.strictObject({}),
  inputs: { grains: { from: ["mill", "field"], optional: true, many: true } },
  run,
}) as StageDefinition;
const registry: Registry = {
  kinds: [...farm.kinds, "fair"],
  load: (uses) =>
    uses === "fair"
      ? Promise.resolve({ definition: fair, module: "/kinds/fair/mod.ts" })
      : farm.load(uses),
};

/** Two mills, and a fair with `needs` in its braces. */
const text = (needs: string) =>
  lines(
    "stages:",
    `  fair: { ${needs} }`,
    "  field:",
    "  coarse: { uses: mill }",
    "  fine: { uses: mill }",
    "  saltern:",
  );

async function planOf(needs: string): Promise<Plan> {
  await using configs = await Configs.create({ "farm.yaml": text(needs) });
  return await readPlan({ config: join(configs.folder, "farm.yaml"), set: [], registry });
}

async function mistakes(needs: string): Promise<string[]> {
  const error = await planOf(needs).then(() => undefined, (error) => error);
  if (!(error instanceof ConfigProblems)) throw error;
  return error.problems.map(({ message }) => message);
}

const needsOf = (plan: Plan, name: string) => plan.stages.find((s) => s.name === name)!.needs;

Deno.test("a role that takes many reads the stages that are listed, in that order, after them", async () => {
  const plan = await planOf("needs: { grains: [fine, field, coarse] }");
  equal(needsOf(plan, "fair"), { grains: ["fine", "field", "coarse"] });
  equal(plan.stages.map(({ name }) => name), ["field", "coarse", "fine", "fair", "saltern"]);
});

Deno.test("a role that takes many takes none of itself", async () => {
  for (const needs of ["", "needs: { grains: null }", "needs: { grains: [] }"]) {
    equal(needsOf(await planOf(needs), "fair"), { grains: [] });
  }
});

Deno.test("a list of stages that can't be read names each that is wrong", async () => {
  equal(await mistakes("needs: { grains: [coarze, saltern, fine, fine] }"), [
    'Cannot read "grains" of "fair" from "coarze": did you mean "coarse"?',
    'Cannot read "grains" of "fair" from "saltern": it must be a stage of kind "mill" or ' +
    '"field", and is "saltern"',
    'Cannot read "grains" of "fair" from "fine" twice: each stage counts once',
  ]);
  equal(await mistakes("needs: { grains: fine }"), [
    'Cannot read "grains" of "fair" from "fine": it takes a list, as in needs: { grains: [fine] }',
  ]);
  match((await mistakes("needs: { grains: [3] }"))[0], /^Cannot use 3 for "grains\[0\]"/);
});

Deno.test("a role that takes one stage takes no list", async () => {
  await using configs = await Configs.create({
    "farm.yaml": "stages: { field: {}, mill: { needs: { grain: [field] } } }\n",
  });
  await rejects(
    readPlan({ config: join(configs.folder, "farm.yaml"), set: [], registry }),
    /Cannot read "grain" of "mill" from a list: it takes one stage, as in needs: { grain: field }/,
  );
});

Deno.test("a cycle through a list is found", async () => {
  const looped: Registry = {
    ...registry,
    async load(uses) {
      const found = await registry.load(uses);
      const inputs = { sold: { from: ["fair"], optional: true, many: true } } as const;
      if (uses !== "field") return found;
      return { ...found!, definition: { ...found!.definition, inputs } };
    },
  };
  await using configs = await Configs.create({
    "farm.yaml": lines(
      "stages:",
      "  field: { needs: { sold: [fair] } }",
      "  fair: { needs: { grains: [field] } }",
    ),
  });
  await rejects(
    readPlan({ config: join(configs.folder, "farm.yaml"), set: [], registry: looped }),
    /farm\.yaml:2:28 Cannot order the stages: "field" needs "fair" needs "field"\n/,
  );
});

Deno.test("editors and the graph know of lists", async () => {
  equal(stageJsonSchema(fair).properties!.needs.properties!.grains, {
    type: ["array", "null"],
    items: { type: "string" },
    description:
      "Names of stages: the stages of kind `mill` or `field` that `needs` lists, by default none",
  });
  const graph = toMermaid(await planOf("needs: { grains: [fine, coarse] }"));
  match(graph, /fine -->\|grains\| fair\n {2}coarse -->\|grains\| fair/);
});

/** Three stages that each say a word, and one that joins what it reads. */
const say = (word: string) => ({
  run: `await context.output.text("word.txt", context.params.word);`,
  params: { word },
});
const chorus = (...of: string[]) => ({
  run: `const words = await Promise.all(
      context.inputs.voices.map((one) => Deno.readTextFile(one.file("word.txt"))),
    );
    await context.output.text("chorus.txt", words.join(" "));`,
  needs: { voices: of },
});

Deno.test("a stage gets a list of artifacts, and their order and content are part of its key", async () => {
  await using project = await TestProject.create({
    ...{ a: say("one"), b: say("two"), c: say("three") },
    chorus: chorus("b", "a"),
  });
  await project.run();
  equal(project.read("outputs/demo/chorus/chorus.txt"), "two one");
  const { record } = project.json("outputs/demo/chorus/artifact.json");
  const contents = ["b", "a"].map((name) =>
    project.json(`outputs/demo/${name}/artifact.json`).content
  );
  equal(record.inputs, { voices: contents });

  project.stages.chorus = chorus("a", "b");
  equal((await project.run()).chorus, "ran");
  equal(project.read("outputs/demo/chorus/chorus.txt"), "one two");
  project.stages.chorus = chorus("b", "a");
  equal((await project.run()).chorus, "restored");
  project.stages.chorus = chorus();
  equal((await project.run()).chorus, "ran");
  equal(project.read("outputs/demo/chorus/chorus.txt"), "");
});

Deno.test("explain says which of many inputs changed", async () => {
  await using project = await TestProject.create({
    ...{ a: say("one"), b: say("two") },
    chorus: chorus("a", "b"),
  });
  await project.run();
  const explain = async () =>
    (await explainStage(project.plan(), "chorus", {
      program: new Program(project.path),
      renderer: {
        module: join(project.path, "figures", "render.ts"),
        load: () => Promise.reject(new Error("An explanation draws nothing")),
      },
    })).sentences;
  project.stages.b = say("deux");
  await project.run({ until: "b" });
  equal(await explain(), ["its input changed: voices, from b"]);
  project.stages.chorus = chorus("b", "a");
  project.stages.b = say("two");
  equal(await explain(), ["its input changed: voices, now from b, a"]);
});

Deno.test("a stage of many is skipped where one of them fails", async () => {
  await using project = await TestProject.create({
    a: say("one"),
    b: { run: `throw new Error("hoarse");` },
    chorus: chorus("a", "b"),
  });
  const status = await project.run({ keepGoing: true });
  equal([status.a, status.b, status.chorus], ["ran", "failed", "skipped"]);
  equal(project.reason("chorus"), "b failed");
});
