// What is edited while a run is at work must not end under a key that says otherwise.
import { deepEqual as equal, match } from "node:assert/strict";
import { join } from "node:path";
import { realDisk } from "../../pipeline/disk.ts";
import { readCode } from "../../pipeline/resolve.ts";
import { TestProject, type TestStage } from "./project.ts";

/** Writes its parameter and a word of its code. */
const say = (word: string, more = ""): TestStage => ({
  params: { n: 1 },
  run: `${more}\nawait context.output.json("said.json", [context.params.n, "${word}"]);`,
});

/** Code of a stage that puts an edited file in place of another, as somebody at an editor would. */
const edits = (name: string) =>
  `await Deno.copyFile(context.project + "/edited", context.project + "/${name}");`;

/** The text of a stage's `run.ts`. */
const text = ({ run }: TestStage) =>
  `export async function run(context: any): Promise<void> {\n${run}\n}\n`;

const EDITED = /Cannot finish \w+: the code of (\S+) changed after this run began\nRun it again\./;

Deno.test("code edited between two points of a sweep is not taken for what the process has loaded", async () => {
  await using project = await TestProject.create({ speak: say("old") });
  const program = project.program();
  equal(await project.run({ program }), { speak: "ran" });
  project.writeStage("speak", { ...say("new"), params: { n: 2 } });
  equal(await project.run({ program, name: "second" }), { speak: "failed" });
  equal(EDITED.exec(project.error("speak")!)?.[1], "stages/speak/run.ts");
  equal(project.list("outputs/.store/speak").length, 1);
  // The next process loads what is there.
  equal(await project.run(), { speak: "ran" });
  equal(project.json("outputs/demo/speak/said.json"), [2, "new"]);
});

Deno.test("code edited while the stages above run is not run", async () => {
  await using project = await TestProject.create({
    first: { run: `${edits("stages/speak/run.ts")} await context.output.text("a", "a");` },
    speak: { ...say("old"), needs: { data: "first" } },
  });
  const spoken = () => project.events.some(({ type }) => type === "line");
  project.write("edited", text(say("new", `context.report.line("speaking");`)));
  equal(await project.run(), { first: "ran", speak: "failed" });
  match(project.error("speak")!, EDITED);
  equal(spoken(), false);
  equal(project.list("outputs/.store/speak"), []);
  equal(await project.run(), { first: "fresh", speak: "ran" });
  equal(spoken(), true);
  equal(project.json("outputs/demo/speak/said.json"), [1, "new"]);
});

Deno.test("code of another config that is edited before its turn is not run", async () => {
  await using first = await TestProject.create({
    first: { run: `${edits("lib.ts")} await context.output.text("a", "a");` },
  });
  first.write("lib.ts", `export const word = "old";\n`);
  first.write("edited", `export const word = "new";\n`);
  const second = TestProject.open(first.path, {});
  second.writeStage("speak", {
    run: `const { word } = await import("../../lib.ts"); await context.output.json("said", word);`,
  });
  const program = first.program();
  const plans = [first.plan("one", 1, program), second.plan("two", 1, program)];
  await readCode(plans, realDisk, join(first.path, "figures", "render.ts"), program);
  equal(await first.run({ program, name: "one" }), { first: "ran" });
  equal(await second.run({ program, name: "two" }), { speak: "failed" });
  equal(EDITED.exec(second.error("speak")!)?.[1], "lib.ts");
});

Deno.test("code edited while its stage runs leaves neither result nor checkpoint", async () => {
  await using project = await TestProject.create({
    speak: say(
      "old",
      `await context.checkpoint.save("half", (path) => Deno.writeTextFile(path, "half"));
       if (context.params.n === 1) ${edits("stages/speak/run.ts")}`,
    ),
  });
  const old = project.read("stages/speak/run.ts");
  project.write("edited", text(say("new")));
  equal(await project.run(), { speak: "failed" });
  match(project.error("speak")!, EDITED);
  equal(project.list("outputs/.store/speak"), []);
  equal(project.list("outputs/.store/scratch"), []);
  // A comment changes nothing.
  project.write("stages/speak/run.ts", old);
  project.write("edited", old + "// More.\n");
  equal(await project.run(), { speak: "ran" });
});

Deno.test("what stages share is not kept where its code was edited meanwhile", async () => {
  await using project = await TestProject.create({
    speak: {
      run: `const shared = await context.cached({
          kind: "shared", record: {}, code: "file://" + context.project + "/maker.ts",
          async build({ output }) { ${edits("maker.ts")} await output.text("a", "old"); },
        });
        await context.output.take("a", shared.file("a"));`,
    },
  });
  project.write("maker.ts", "export const word = 1;\n");
  project.write("edited", "export const word = 2;\n");
  equal(await project.run(), { speak: "failed" });
  equal(EDITED.exec(project.error("speak")!)?.[1], "maker.ts");
  equal(project.list("outputs/.store/shared"), []);
});

Deno.test("figures are not kept where their code was edited while they were drawn", async () => {
  await using project = await TestProject.create({
    speak: {
      ...say("old"),
      draw: `const project = artifact.path.split("/outputs/")[0];
        await Deno.copyFile(project + "/edited", project + "/figures/render.ts"); return [];`,
    },
  });
  project.write("edited", "export const renderer = 2;\n");
  equal(await project.run(), { speak: "failed" });
  equal(EDITED.exec(project.error("speak")!)?.[1], "figures/render.ts");
  equal(project.list("outputs/.store/figures"), []);
  equal(await project.run(), { speak: "redrawn" });
});

Deno.test("files that change while a stage reads them leave nothing under their old digest", async () => {
  await using project = await TestProject.create({
    read: {
      params: { from: "images" },
      files: { from: { root: "images", files: ["a.txt"] } },
      run: `await context.checkpoint.save("half", (path) => Deno.writeTextFile(path, "half"));
        if (await Deno.stat(context.project + "/edited").catch(() => undefined)) {
          ${edits("images/a.txt")} await Deno.remove(context.project + "/edited");
        }
        await context.output.text("a", await Deno.readTextFile(context.project + "/images/a.txt"));`,
    },
  });
  project.write("images/a.txt", "one");
  project.write("edited", "two");
  equal(await project.run(), { read: "failed" });
  equal(
    project.error("read"),
    'Cannot finish read: the files of "from" changed while they were read\nRun it again.',
  );
  equal(project.list("outputs/.store/read"), []);
  equal(project.list("outputs/.store/scratch"), []);
  equal(await project.run(), { read: "ran" });
  equal(project.read("outputs/demo/read/a"), "two");
  project.write("images/a.txt", "one");
  equal(await project.run(), { read: "ran" });
  equal(project.read("outputs/demo/read/a"), "one");
});
