import { deepStrictEqual as equal, match } from "node:assert/strict";
import { join } from "node:path";
import { CommandProject, TINY_CONFIG, TINY_STAGES } from "./project.ts";

Deno.test("a report that cannot be written is told after the summary, and fails the command", async () => {
  await using project = await CommandProject.create({ ...TINY_STAGES, "tiny.yaml": TINY_CONFIG });
  // A file cannot take the place of a folder with something in it.
  project.write("outputs/tiny/report.md/in-the-way", "");
  const { code, stdout, stderr } = await project.command("run", "tiny.yaml");
  equal(code, 1);
  match(stdout, /train +ran .*\n\nDone in .*Results are in outputs\/tiny\/\n/s);
  match(stderr, /^warning: Cannot write the report \(.*report\.md\): /);
  equal(project.list("outputs/tiny").filter((name) => name.endsWith(".tmp")), []);
  equal(project.json("outputs/tiny/run.json").stages.length, 2);
  await Deno.remove(join(project.path, "outputs/tiny/report.md"), { recursive: true });
  equal((await project.command("run", "tiny.yaml")).code, 0);
  match(project.read("outputs/tiny/report.md"), /^# /);
});

Deno.test("a dry run in which all is fresh says that nothing would run", async () => {
  await using project = await CommandProject.create({ ...TINY_STAGES, "tiny.yaml": TINY_CONFIG });
  await project.command("run", "tiny.yaml");
  const { code, stdout } = await project.command("run", "tiny.yaml", "--dry-run");
  equal(code, 0);
  match(stdout, /train +fresh\n\nA dry run: all is in place, nothing would run\.\n/);
});
