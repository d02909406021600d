import { deepStrictEqual as equal, rejects } from "node:assert/strict";
import { join } from "node:path";
import { explainStage } from "../../pipeline/explanation.ts";
import { Program } from "../../pipeline/program.ts";
import { sayFiles } from "../../pipeline/listing.ts";
import { formatExplanation } from "../../commands/explain.ts";
import { TestProject, type TestStage } from "./project.ts";

const SOW: TestStage = {
  params: { size: 3 },
  run: `await context.output.json("field.json", context.params);`,
};
const REAP: TestStage = {
  params: { times: 1 },
  needs: { grain: "sow" },
  run: `await context.output.json("grain.json", context.params);`,
  draw: `return [];`,
};

function explain(project: TestProject, stage: string, name?: string) {
  return explainStage(project.plan(name), stage, {
    program: new Program(project.path),
    renderer: {
      module: join(project.path, "figures", "render.ts"),
      load: () => Promise.reject(new Error("An explanation draws nothing")),
    },
  });
}

Deno.test("a stage that never ran is explained as a first run", async () => {
  await using project = await TestProject.create({ sow: SOW, reap: REAP });
  const { status, reason, previousKey, sentences } = await explain(project, "sow");
  equal([status, reason, previousKey, sentences], ["would run", "first run", null, []]);
  equal(project.exists("outputs"), false);
});

Deno.test("a stage whose parameter changed is explained by both values", async () => {
  await using project = await TestProject.create({ sow: SOW });
  await project.run();
  equal((await explain(project, "sow")).status, "fresh");
  project.stages.sow = { ...SOW, params: { size: 5 } };
  const { status, sentences, differences, causes, kept } = await explain(project, "sow");
  equal([status, kept], ["would run", []]);
  equal(sentences, ["sow.size was 3 and is 5"]);
  equal(differences, [{ path: ["parameters", "size"], before: 3, after: 5 }]);
  equal(causes, []);
});

Deno.test("files that were added, removed and changed are counted and named", async () => {
  const files = (names: string[]) => ({
    ...SOW,
    params: { seeds: "barn/rye" },
    files: { seeds: { root: "barn/rye", files: names } },
  });
  const old = ["a.txt", "b.txt", "c.txt"];
  await using project = await TestProject.create({ sow: files(old) });
  for (const name of old) project.write(`barn/rye/${name}`, name);
  await project.run();
  equal((await explain(project, "sow")).status, "fresh");
  const now = ["b.txt", "c.txt", "d.txt", "e.txt", "f.txt", "g.txt"];
  for (const name of now.slice(2)) project.write(`barn/rye/${name}`, name);
  project.write("barn/rye/c.txt", "other");
  project.stages.sow = files(now);
  equal((await explain(project, "sow")).sentences, [
    "4 files of barn/rye were added: d.txt, e.txt, f.txt and 1 more",
    "1 file of barn/rye was removed: a.txt",
    "1 file of barn/rye changed: c.txt",
  ]);
  // Without what was kept of the last run less can be said.
  await Deno.remove(join(project.path, "outputs/.store/memo"), { recursive: true });
  equal((await explain(project, "sow")).sentences, ["the files of sow.seeds changed"]);
});

Deno.test("a file's name that would upset a terminal is made visible", () => {
  equal(sayFiles([], [["\u001b[31mred\n.png", "0"]], "pets"), [
    "1 file of pets was added: \ufffd[31mred\ufffd.png",
  ]);
});

Deno.test("every changed file of the code is named, not the first two only", async () => {
  await using project = await TestProject.create({ sow: SOW });
  project.write("stages/sow/a.ts", "export const a = 1;\n");
  project.write("stages/sow/b.ts", "export const b = 1;\n");
  const imports = `import "./a.ts";\nimport "./b.ts";\n`;
  const code = () => imports + `export async function run(context: any) { ${SOW.run} }\n`;
  project.write("stages/sow/run.ts", code());
  await project.run();
  project.write("stages/sow/a.ts", "export const a = 2;\n");
  project.write("stages/sow/b.ts", "export const b = 2;\n");
  project.write("stages/sow/run.ts", code() + "export const c = 1;\n");
  const { sentences, differences } = await explain(project, "sow");
  equal(sentences, [
    "the code of stages/sow/a.ts changed",
    "the code of stages/sow/b.ts changed",
    "the code of stages/sow/run.ts changed",
  ]);
  equal(differences.map(({ path }) => path), [
    ["code", "stages/sow/a.ts"],
    ["code", "stages/sow/b.ts"],
    ["code", "stages/sow/run.ts"],
  ]);
});

Deno.test("a stage below one that would run may run, and both are explained", async () => {
  await using project = await TestProject.create({ sow: SOW, reap: REAP });
  await project.run();
  project.stages.sow = { ...SOW, params: { size: 5 } };
  const below = await explain(project, "reap");
  equal([below.status, below.reason, below.key], ["may run", "sow would run", null]);
  equal(below.own, []);
  equal(below.causes.map(({ stage, sentences }) => [stage, sentences]), [
    ["sow", ["sow.size was 3 and is 5"]],
  ]);
  project.stages.reap = { ...REAP, params: { times: 2 } };
  const { own, differences } = await explain(project, "reap");
  equal(own, ["reap.times was 1 and is 2"]);
  equal(differences, [{ path: ["parameters", "times"], before: 1, after: 2 }]);
});

Deno.test("a stage that would run with a changed parameter is told what above it is kept", async () => {
  await using project = await TestProject.create({ sow: SOW, reap: REAP });
  await project.run();
  project.stages.reap = { ...REAP, params: { times: 2 } };
  const explanation = await explain(project, "reap");
  equal(explanation.kept, ["sow"]);
  equal(
    formatExplanation(explanation),
    [
      "reap would run:",
      "  reap.times was 1 and is 2",
      "",
      "sow is in place and would be read as it is.",
    ].join("\n"),
  );
});

Deno.test("an input that changed is named with the stage that it comes from", async () => {
  await using project = await TestProject.create({ sow: SOW, reap: REAP });
  await project.run();
  project.stages.sow = { ...SOW, params: { size: 5 } };
  await project.run({ until: "sow" });
  const { status, sentences } = await explain(project, "reap");
  equal([status, sentences], ["would run", ["its input changed: grain, from sow"]]);
});

Deno.test("an artifact that another run has made is restored, and what differs is told", async () => {
  await using project = await TestProject.create({ sow: SOW });
  await project.run();
  project.stages.sow = { ...SOW, params: { size: 5 } };
  await project.run({ name: "other" });
  const { status, sentences, folder } = await explain(project, "sow");
  equal(status, "restored");
  equal(sentences, ["sow.size was 3 and is 5"]);
  equal(folder, "outputs/demo/sow");
  const fresh = await explain(project, "sow", "third");
  equal([fresh.status, fresh.sentences], ["restored", []]);
});

Deno.test("figures that would be drawn again are explained by their own code", async () => {
  await using project = await TestProject.create({ sow: SOW, reap: REAP });
  await project.run();
  project.write(
    "stages/reap/draw.ts",
    "export async function draw(artifact: any): Promise<any[]> { return [artifact].slice(1); }\n",
  );
  const { status, sentences, reason } = await explain(project, "reap");
  equal(status, "would run");
  equal(reason, "its figures only: the code of stages/reap/draw.ts changed");
  equal(sentences, ["its figures: the code of stages/reap/draw.ts changed"]);
});

Deno.test("a stage that the config does not have is refused", async () => {
  await using project = await TestProject.create({ sow: SOW });
  await rejects(explain(project, "saw"), {
    message: 'Cannot find stage "saw" for explain: did you mean "sow"?',
  });
});
