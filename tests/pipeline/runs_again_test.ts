import { deepEqual as equal } from "node:assert/strict";
import { join } from "node:path";
import { chain, FRESH } from "./chain.ts";
import { TestProject } from "./project.ts";

Deno.test("a stage runs once, and is fresh while nothing changes", async () => {
  await using project = await TestProject.create(chain());
  equal(await project.run(), { numbers: "ran", sum: "ran", double: "ran" });
  equal(project.json("outputs/demo/double/double.json"), 12);
  equal(project.reason("double"), "first run");
  equal(project.result.exit, 0);
  equal(await project.run(), FRESH);
});

Deno.test("a changed parameter runs its stage and those below", async () => {
  await using project = await TestProject.create(chain());
  await project.run();
  project.stages.double.params = { by: 5 };
  equal(await project.run(), { numbers: "fresh", sum: "fresh", double: "ran" });
  equal(project.reason("double"), "double.by was 1 and is 5");
  equal(project.json("outputs/demo/double/double.json"), 60);
});

Deno.test("going back to an earlier parameter finds the artifact in the store", async () => {
  await using project = await TestProject.create(chain());
  await project.run();
  project.stages.double.params = { by: 5 };
  await project.run();
  project.stages.double.params = { by: 1 };
  equal(await project.run(), { numbers: "fresh", sum: "fresh", double: "restored" });
  equal(project.json("outputs/demo/double/double.json"), 12);
});

Deno.test("another run finds the artifacts of the first", async () => {
  await using project = await TestProject.create(chain());
  await project.run();
  equal(await project.run({ name: "other" }), {
    numbers: "restored",
    sum: "restored",
    double: "restored",
  });
});

Deno.test("an input that is made again with equal bytes runs nothing below", async () => {
  await using project = await TestProject.create(chain());
  await project.run();
  project.writeStage("numbers", {
    ...project.stages.numbers,
    run:
      `const last = context.params.last;\nawait context.output.json("numbers.json", [1, 2, last]);`,
  });
  equal(await project.run(), { numbers: "ran", sum: "fresh", double: "fresh" });
  equal(project.reason("numbers"), "the code of stages/numbers/run.ts changed");
});

Deno.test("a comment, a blank line or a reformatted line in code runs nothing", async () => {
  await using project = await TestProject.create(chain());
  await project.run();
  project.writeStage("numbers", {
    ...project.stages.numbers,
    run:
      `// the numbers\n\nawait context.output.json(\n  'numbers.json',\n  [1, 2, context.params.last,],\n)\n`,
  });
  equal(await project.run(), FRESH);
});

Deno.test("figure code that changes only redraws", async () => {
  await using project = await TestProject.create(chain());
  await project.run();
  equal(project.list("outputs/demo/sum/figures"), [
    "artifact.json",
    "figures.json",
    "sum.png",
    "sum.svg",
    "sum.vl.json",
  ]);
  project.writeStage("sum", {
    ...project.stages.sum,
    draw:
      `return [{ name: "total", title: "Total", description: "The sum", spec: { mark: "point" } }];`,
  });
  equal(await project.run(), { numbers: "fresh", sum: "redrawn", double: "fresh" });
  equal(project.reason("sum"), "the code of stages/sum/draw.ts changed");
  equal(project.json("outputs/demo/sum/figures/total.vl.json"), { mark: "point" });
  equal(project.exists("outputs/demo/sum/figures/sum.svg"), false);
});

Deno.test("the renderer's code redraws all figures", async () => {
  await using project = await TestProject.create(chain());
  await project.run();
  project.write("figures/render.ts", "export const renderer = 2;\n");
  equal(await project.run(), { numbers: "fresh", sum: "redrawn", double: "fresh" });
});

Deno.test("the seed counts only where a stage uses it", async () => {
  const stages = chain();
  stages.sum.seed = true;
  await using project = await TestProject.create(stages);
  await project.run({ seed: 1 });
  equal(await project.run({ seed: 2 }), { numbers: "fresh", sum: "ran", double: "fresh" });
  equal(project.reason("sum"), "seed was 1 and is 2");
});

Deno.test("moving the project runs nothing", async () => {
  const project = await TestProject.create(chain());
  await project.run();
  const moved = `${project.path}-moved`;
  await Deno.rename(project.path, moved);
  project.path = moved;
  await using _cleanup = project;
  equal(await project.run(), FRESH);
  equal(project.json("outputs/demo/double/double.json"), 12);
});

Deno.test("outside files count by content, not by place", async () => {
  await using project = await TestProject.create({
    read: {
      run:
        `await context.output.text("text", await Deno.readTextFile(context.params.from + "/a.txt"));`,
      params: {},
    },
  });
  const use = (folder: string) => {
    const stage = project.stages.read;
    stage.params = { from: join(project.path, folder) };
    stage.files = { from: { root: folder, files: ["a.txt"] } };
  };
  project.write("here/a.txt", "one");
  project.write("there/a.txt", "one");
  use("here");
  equal(await project.run(), { read: "ran" });
  use("there");
  equal(await project.run(), { read: "fresh" });
  project.write("there/a.txt", "two");
  equal(await project.run(), { read: "ran" });
  equal(project.reason("read"), `1 file of ${join(project.path, "there")} changed: a.txt`);
});
