import { deepEqual as equal, match, ok } from "node:assert/strict";
import { join } from "node:path";
import { tryLockFile } from "../../base/lock.ts";
import { flipByte, TestProject, type TestStage } from "./project.ts";

const COUNT = 6;

/** A stage whose work falls into parts; it says in `log` what it makes, and at which part it breaks. */
const trunk = (params: Record<string, unknown> = {}): TestStage => ({
  params,
  run: `
    const text = (part) => "part " + part + "\\n";
    const note = (word) => Deno.writeTextFileSync(context.project + "/log", word + "\\n", { append: true });
    const shared = await context.cached({
      kind: "shared",
      record: { count: ${COUNT} },
      code: import.meta.url.split("?")[0],
      parts: {
        count: ${COUNT},
        async open() {
          note("open");
          await context.engine();
          return {
            async make(part, output) {
              note("part " + part);
              await new Promise((resolve) => setTimeout(resolve, 5));
              if (context.params.breaks === part) throw new Error("broken");
              await output.text("parts/" + part, text(part));
            },
            [Symbol.dispose]() { note("close"); },
          };
        },
      },
      async build({ output, parts }) {
        for (let part = 0; part < ${COUNT}; part++) {
          if (await parts.find(part) && await parts.take(part, output)) continue;
          note("whole " + part);
          await output.text("parts/" + part, text(part));
        }
      },
    });
    for (const file of shared.files) await context.output.take(file, shared.file(file));`,
});

const log = (project: TestProject) =>
  project.exists("log") ? project.read("log").trim().split("\n") : [];
const only = (lines: string[], word: string) => lines.filter((line) => line.startsWith(word));

Deno.test("workers share the parts of a stage, and the whole takes them all", async () => {
  await using project = await TestProject.create({ trunk: trunk() });
  const workers = [0, 1, 2].map((slot) =>
    TestProject.open(project.path, project.stages).run({
      parts: { stage: "trunk", slot, of: 3 },
      name: `worker-${slot}`,
    })
  );
  equal(await Promise.all(workers), Array(3).fill({ trunk: "not reached" }));
  const made = only(log(project), "part");
  equal(made.sort(), Array.from({ length: COUNT }, (_, i) => `part ${i}`));
  equal(only(log(project), "open").length, only(log(project), "close").length);
  equal(project.list("outputs/.store/shared-part").length, COUNT);
  equal(project.list("outputs/.store/shared"), []);

  equal(await project.run(), { trunk: "ran" });
  equal(only(log(project), "whole"), []);
  await using alone = await TestProject.create({ trunk: trunk() });
  await alone.run();
  equal(only(log(alone), "whole").length, COUNT);
  // The key too: whether parts were made apart is no part of it.
  equal(project.list("outputs/.store/shared"), alone.list("outputs/.store/shared"));
  const contents = [project, alone].map((each) =>
    each.json(join(each.artifact("shared").slice(each.path.length + 1), "artifact.json")).content
  );
  equal(contents[0], contents[1]);
});

Deno.test("a worker tells which parts it has made, and of a whole that is there makes none", async () => {
  await using project = await TestProject.create({ trunk: trunk() });
  await project.run({ parts: { stage: "trunk", slot: 1, of: 2 } });
  const parts = project.events.filter(({ type }) => type === "part-finished")
    .map((event) => "part" in event ? event.part : undefined);
  equal(parts, [3, 4, 5, 0, 1, 2]);
  match(project.reason("trunk"), /^6 of 6 parts of its shared were made here, 6 are in the store$/);
  await project.run();
  const before = log(project);
  equal(await project.run({ parts: { stage: "trunk", slot: 0, of: 2 } }), { trunk: "not reached" });
  equal(project.reason("trunk"), "its artifact is in the store");
  equal(log(project), before);
});

Deno.test("a part that somebody else has in hand is left to them, and taken over when they die", async () => {
  await using project = await TestProject.create({ trunk: trunk() });
  await project.run({ parts: { stage: "trunk", slot: 0, of: 1 } });
  const [key] = project.list("outputs/.store/shared-part");
  await Deno.remove(join(project.path, "outputs/.store/shared-part", key), { recursive: true });
  const lock = join(project.path, "outputs/.store/locks", `shared-part-${key}.lock`);
  {
    using _held = tryLockFile(lock);
    await project.run({ parts: { stage: "trunk", slot: 0, of: 1 } });
    match(project.reason("trunk"), /^0 of 6 parts .* 5 are in the store$/);
  }
  await project.run({ parts: { stage: "trunk", slot: 0, of: 1 } });
  match(project.reason("trunk"), /^1 of 6 parts .* 6 are in the store$/);
});

Deno.test("a worker that breaks has made what it had made; a damaged part is made again", async () => {
  await using project = await TestProject.create({ trunk: trunk({ breaks: 3 }) });
  equal(await project.run({ parts: { stage: "trunk", slot: 0, of: 1 } }), { trunk: "failed" });
  equal(project.list("outputs/.store/shared-part").length, 3);
  equal(project.list("outputs/.store/scratch"), []);
  const [key] = project.list("outputs/.store/shared-part");
  const folder = join(project.path, "outputs/.store/shared-part", key, "parts");
  flipByte(join(folder, [...Deno.readDirSync(folder)][0].name));
  project.writeStage("trunk", trunk());
  equal(await project.run(), { trunk: "ran" });
  // Two of three were good; what the damaged one held was made with the rest.
  equal(only(log(project), "whole").length, COUNT - 2);
  ok(faultless(project));
});

function faultless(project: TestProject): boolean {
  return Array.from({ length: COUNT }, (_, i) => i).every((part) =>
    project.read(`outputs/demo/trunk/parts/${part}`) === `part ${part}\n`
  );
}

Deno.test("--force takes no part that is there", async () => {
  await using project = await TestProject.create({ trunk: trunk() });
  await project.run({ parts: { stage: "trunk", slot: 0, of: 1 } });
  equal(await project.run({ force: true }), { trunk: "ran" });
  equal(only(log(project), "whole").length, COUNT);
});

Deno.test("a stage that writes before it asks for its parts is told so", async () => {
  const late = trunk();
  late.run = `await context.output.text("early", "x");` + late.run;
  await using project = await TestProject.create({ trunk: late });
  equal(await project.run({ parts: { stage: "trunk", slot: 0, of: 1 } }), { trunk: "failed" });
  match(project.error("trunk")!, /Cannot write yet/);
});
