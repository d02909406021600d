import { deepEqual as equal, ok } from "node:assert/strict";
import { join } from "node:path";
import { type Random, random } from "../../base/random.ts";
import { TestProject, type TestStage } from "./project.ts";
import { faultsOfStore, resultsOf } from "./store_check.ts";

const STORES = Deno.env.get("VITRINE_LONG_TESTS") === "1" ? 200 : 12;
/** Another one damages other stores in other ways: `VITRINE_SEED=2 deno task test pipeline`. */
const SEED = Number(Deno.env.get("VITRINE_SEED") ?? 1);

const STAGES: Record<string, TestStage> = {
  make: {
    run: `
      for (const name of ["a", "b"]) {
        if (await context.checkpoint.load(name)) continue;
        await context.checkpoint.save(name, (path) => Deno.writeTextFile(path, "part " + name));
        if (name === "a" && await Deno.stat(context.project + "/fail").then(() => true, () => false)) {
          throw new Error("asked to");
        }
      }
      for (const name of ["a", "b"]) {
        await context.output.text(name, await Deno.readTextFile(await context.checkpoint.load(name)));
      }
      await context.output.json("deep/made.json", { values: [1, 2, 3] });`,
    draw: `return [{ name: "one", title: "One", description: "One", spec: { mark: "bar" } }];`,
  },
  use: {
    needs: { input: "make" },
    run: `
      const shared = await context.cached({
        kind: "shared",
        record: { of: context.inputs.input.content },
        code: "file://" + context.project + "/stages/use/run.ts",
        build: ({ output }) => output.text("text", "shared"),
      });
      await context.output.take("text", shared.file("text"));
      await context.output.take("a", context.inputs.input.file("a"));`,
    draw: `return [];`,
  },
};

/** Every file below the store, but for locks, which have no content that counts. */
function filesOf(project: string, folder = "outputs/.store"): string[] {
  return [...Deno.readDirSync(join(project, folder))].flatMap(({ name, isDirectory }) => {
    const path = `${folder}/${name}`;
    if (isDirectory) return name === "locks" || name === "aside" ? [] : filesOf(project, path);
    return name === "format" ? [] : [path];
  }).sort();
}

/** Flips a bit, cuts, empties, lengthens or deletes a file. @returns What was done, in words. */
function damage(path: string, chance: Random): string {
  const bytes = Deno.readFileSync(path);
  const how = ["flip", "cut", "empty", "lengthen", "delete"][chance.below(5)];
  const flipped = how === "flip" && bytes.length > 0;
  if (flipped) bytes[chance.below(bytes.length)] ^= 1 << chance.below(8);
  // As a disk would do it: the name and its time stay.
  const { mtime } = Deno.statSync(path);
  if (flipped) Deno.writeFileSync(path, bytes);
  else if (how === "cut") Deno.truncateSync(path, chance.below(Math.max(1, bytes.length)));
  else if (how === "lengthen") Deno.writeFileSync(path, new Uint8Array(1), { append: true });
  else if (how === "delete") return (Deno.removeSync(path), how);
  else Deno.truncateSync(path, 0);
  Deno.utimeSync(path, mtime!, mtime!);
  return how;
}

/** Faults of what a run looks at: shared work is looked up when a stage that wants it runs. */
const looked = (faults: string[]) => faults.filter((fault) => !fault.startsWith("shared"));

Deno.test(`${STORES} stores damaged at random are noticed, mended and end with the same bytes`, async () => {
  let whole: unknown;
  {
    await using project = await TestProject.create(STAGES);
    await project.run();
    whole = resultsOf(project.path, "demo");
  }
  let mended = 0;
  for (let i = 0; i < STORES; i++) {
    const chance = random(SEED, `store ${i}`);
    await using project = await TestProject.create(STAGES);
    if (chance.below(2) === 0) {
      // With a stage half done: its checkpoint can be damaged too.
      project.write("fail", "");
      await project.run();
      await Deno.remove(join(project.path, "fail"));
    } else await project.run();
    const done: string[] = [];
    for (let times = 1 + chance.below(3); times > 0; times--) {
      const files = filesOf(project.path);
      const file = files[chance.below(files.length)];
      done.push(`${damage(join(project.path, file), chance)} ${file}`);
    }
    const where = `store ${i} of seed ${SEED}: ${done.join(", ")}`;
    const before = looked(faultsOfStore(project.path));
    await project.run();
    equal(project.result.exit, 0, where);
    equal(looked(faultsOfStore(project.path)), [], where);
    equal(resultsOf(project.path, "demo"), whole, where);
    equal(project.list("outputs/.store/scratch"), [], where);
    if (before.length > 0) {
      mended++;
      ok(
        project.warnings().some((text) => /was damaged .* made again/.test(text)),
        `${where}: ${before}: nothing was said`,
      );
      ok(project.list("outputs/.store/aside").length > 0, where);
    }
    equal(await project.run(), { make: "fresh", use: "fresh" }, where);
    equal(project.warnings(), [], where);
    if (faultsOfStore(project.path).length > 0) { // in what was not looked at: until it is wanted
      await Deno.remove(project.artifact("use"), { recursive: true });
      equal(await project.run(), { make: "fresh", use: "ran" }, where);
      ok(project.warnings().some((text) => /of shared was damaged/.test(text)), where);
      equal(faultsOfStore(project.path), [], where);
      equal(resultsOf(project.path, "demo"), whole, where);
    }
  }
  ok(mended > STORES / 4, `${mended} of ${STORES} had a damaged artifact`);
});
