import { strictEqual as equal } from "node:assert/strict";
import { join } from "node:path";
import { isRunning, markRunning } from "../../pipeline/running.ts";
import { TestProject } from "./project.ts";

Deno.test("a run is running from its mark until that is given back, for each name by itself", async () => {
  const outputs = await Deno.makeTempDir();
  equal(isRunning(outputs, "a"), false);
  {
    using _one = markRunning(outputs, "a");
    {
      using _two = markRunning(outputs, "a"); // side by side
      equal(isRunning(outputs, "a"), true);
    }
    equal(isRunning(outputs, "a"), true);
    equal(isRunning(outputs, "b"), false);
    equal(isRunning(outputs, "a/b"), false);
  }
  equal(isRunning(outputs, "a"), false);
  await Deno.remove(outputs, { recursive: true });
});

Deno.test("a run that is killed runs no longer", async () => {
  await using project = await TestProject.create({
    wait: {
      run: `
        await Deno.writeTextFile(context.project + "/begun", "");
        await new Promise((resolve) => setTimeout(resolve, 600_000));`,
    },
  });
  const child = project.spawn();
  while (!project.exists("begun")) await new Promise((resolve) => setTimeout(resolve, 10));
  const outputs = join(project.path, "outputs");
  equal(isRunning(outputs, "demo"), true);
  child.kill("SIGKILL");
  await child.output();
  equal(isRunning(outputs, "demo"), false);
});

Deno.test("a dry run leaves no mark", async () => {
  await using project = await TestProject.create({ one: { run: "" } });
  await project.run({ dryRun: true });
  equal(project.exists("outputs"), false);
});
