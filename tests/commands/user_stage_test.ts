import { deepStrictEqual as equal } from "node:assert/strict";
import { dirname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { CommandProject } from "./project.ts";

const ROOT = resolve(dirname(import.meta.filename!), "../..");
const url = (path: string) => JSON.stringify(pathToFileURL(join(ROOT, path)).href);

/** A module that exports a stage with these fields instead of right ones. */
const stage = (fields: string) => `
  import { z } from ${url("node_modules/zod/index.js")};
  export const stage = {
    kind: "mine", summary: "Mine", params: z.strictObject({}), inputs: {},
    run: () => Promise.resolve({ run: () => Promise.resolve() }), ${fields}
  };`;

const MISTAKES: readonly [file: string, text: string, message: string][] = [
  ["a.ts", "export const other = 1;", 'it exports no "stage" made by defineStage'],
  [
    "b.ts",
    stage("params: undefined"),
    '"params" of the stage that it exports must be a zod schema',
  ],
  [
    "c.ts",
    stage("inputs: undefined"),
    '"inputs" of the stage that it exports must be a map from role to the kind that it is read from',
  ],
  [
    "d.ts",
    stage("run: 1"),
    '"run" of the stage that it exports must be a function that loads its work',
  ],
  [
    "e.ts",
    stage(`kind: "train"`),
    '"kind" of the stage that it exports must be a word that is none of ' +
    "preprocess, load-pretrained, new-model, freeze, train, linear-probe, evaluate, visualize, " +
    "worked-example",
  ],
  [
    "f.ts",
    stage(`kind: "my stage"`),
    'its kind is "my stage", and it must be letters, digits, hyphens and underscores, ' +
    "and none of scratch, locks, memo, aside, format and figures",
  ],
  ["g.js", stage(""), "a stage's module must end in .ts"],
  ["h.ts", "throw new Error('boom');", "boom"],
];

Deno.test("a module that is no stage is told at the line that names it", async () => {
  for (const [file, text, message] of MISTAKES) {
    await using project = await CommandProject.create({
      [`stages/${file}`]: text,
      "a.yaml": `stages:\n  mine: { uses: ./stages/${file} }\n`,
    });
    const { code, stderr } = await project.command("run", "a.yaml");
    const first = stderr.split("\n")[0];
    equal(
      [code, first],
      [2, `a.yaml:2:17 Cannot use "./stages/${file}" for "uses" in "mine": ${message}`],
    );
    equal(project.list("outputs"), []);
  }
});

Deno.test("what a stage throws while the plan is made is told at the stage", async () => {
  const thrown: [string, string][] = [
    [`complete() { throw new Error("boom"); }`, 'complete the parameters of "mine"'],
    [`usesSeed() { throw new Error("boom"); }`, 'tell whether "mine" uses the seed'],
  ];
  for (const [fields, doing] of thrown) {
    await using project = await CommandProject.create({
      "stages/mine.ts": stage(fields),
      "a.yaml": "stages:\n  mine: { uses: ./stages/mine.ts }\n",
    });
    const { code, stderr } = await project.command("run", "a.yaml");
    equal([code, stderr.split("\n")[0]], [2, `a.yaml:2:3 Cannot ${doing}: boom`]);
  }
});

Deno.test("the work of a stage in one file counts where the file only loads it", async () => {
  await using project = await CommandProject.create({
    "stages/mine.ts": `import { lazily } from ${url("base/lazy.ts")};` +
      stage(`run: lazily("./work.ts", import.meta.url)`),
    "stages/work.ts": `export const run = ({ output }) => output.text("a", "old");`,
    "a.yaml": "stages:\n  mine: { uses: ./stages/mine.ts }\n",
  });
  equal((await project.command("run", "a.yaml")).code, 0);
  project.write("stages/work.ts", `export const run = ({ output }) => output.text("a", "new");`);
  equal((await project.command("run", "a.yaml")).code, 0);
  equal(project.json("outputs/a/run.json").stages[0].reason, "the code of stages/work.ts changed");
  equal(project.read("outputs/a/mine/a"), "new");
});
