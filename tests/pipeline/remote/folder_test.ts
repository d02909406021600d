import { deepEqual as equal, match, ok } from "node:assert/strict";
import { join } from "node:path";
import { FRESH } from "../chain.ts";
import { flipByte } from "../project.ts";
import {
  contents,
  files,
  published,
  RAN,
  RESTORED,
  sharedFolder,
  twoMachines,
} from "./machines.ts";

Deno.test("a second machine with an empty store fetches everything and runs nothing", async () => {
  await using shared = await sharedFolder();
  await using machines = await twoMachines();
  const { first, second } = machines;
  equal(await first.run({ store: shared.write }), RAN);
  equal(await second.run({ store: shared.read }), RESTORED);
  equal(second.reason("double"), "fetched from the shared store");
  equal(published(second), published(first), "all bytes, those of artifact.json too");
  equal(second.list("outputs/demo/sum/figures"), first.list("outputs/demo/sum/figures"));
  equal(second.warnings(), []);
  equal(second.list("outputs/.store/scratch"), []);
  equal(await second.run({ store: shared.read }), FRESH);
});

Deno.test("what a shared store has and has not is found stage by stage", async () => {
  await using shared = await sharedFolder();
  await using machines = await twoMachines();
  const { first, second } = machines;
  await first.run({ store: shared.write });
  second.stages.double.params = { by: 5 };
  equal(await second.run({ store: shared.read }), { ...RESTORED, double: "ran" });
});

Deno.test("a dry run says what would be fetched, to the last stage, and writes nothing", async () => {
  await using shared = await sharedFolder();
  await using machines = await twoMachines();
  const { first, second } = machines;
  await first.run({ store: shared.write });
  equal(await second.run({ store: shared.read, dryRun: true }), RESTORED);
  equal(second.reason("double"), "would be fetched from the shared store");
  ok(!second.exists("outputs"));
});

Deno.test("files of any number, depth and size come, equal ones once", async () => {
  await using shared = await sharedFolder();
  await using machines = await twoMachines({ files: files(300_000) });
  const { first, second } = machines;
  await first.run({ store: shared.write });
  equal([...Deno.readDirSync(join(shared.path, "cas"))].length, 3);
  ok(first.events.some((event) => event.type === "progress" && event.done === 300_008));
  equal(await second.run({ store: shared.read }), { files: "restored" });
  equal(published(second), published(first));
  const progress = second.events.filter((event) => event.type === "progress");
  const last = progress.at(-1);
  ok(last?.type === "progress" && last.unit === "bytes" && last.done === 300_008);
});

Deno.test("a shared store is by default only read", async () => {
  await using shared = await sharedFolder();
  await using machines = await twoMachines();
  equal(await machines.first.run({ store: shared.read }), RAN);
  equal(contents(shared.path), {});
});

Deno.test("what is in the local store is never asked for", async () => {
  await using shared = await sharedFolder();
  await using machines = await twoMachines();
  await machines.first.run();
  await Deno.remove(shared.path, { recursive: true });
  equal(await machines.first.run({ store: shared.read }), FRESH);
  equal(machines.first.warnings(), []);
  Deno.mkdirSync(shared.path);
});

Deno.test("a shared store that others have emptied is filled again, a day later", async () => {
  await using shared = await sharedFolder();
  await using machines = await twoMachines();
  const { first, second } = machines;
  await first.run({ store: shared.write });
  for (const name of ["ac", "cas"]) {
    await Deno.remove(`${shared.path}/${name}`, { recursive: true });
  }
  equal(await first.run({ store: shared.write }), FRESH);
  equal(contents(shared.path), {}, "what was there today is not asked for at every run");
  const notes = `${first.path}/outputs/.store/memo/shared`;
  const yesterday = Date.now() / 1000 - 25 * 3600;
  for (const name of Object.keys(contents(notes))) {
    await Deno.utime(`${notes}/${name}`, yesterday, yesterday);
  }
  equal(await first.run({ store: shared.write }), FRESH);
  equal(await second.run({ store: shared.read }), RESTORED);
});

Deno.test("what was made before a store was shared is put there by the next run", async () => {
  await using shared = await sharedFolder();
  await using machines = await twoMachines();
  const { first, second } = machines;
  await first.run();
  equal(await first.run({ store: shared.write }), FRESH);
  equal(await second.run({ store: shared.read }), RESTORED);
});

for (const [what, change] of [["a flipped bit", flipByte], ["a cut file", cut]] as const) {
  Deno.test(`${what} in the shared store is a miss, is said, and is mended by who may`, async () => {
    await using shared = await sharedFolder();
    await using machines = await twoMachines({ files: files(100_000) });
    const { first, second } = machines;
    await first.run({ store: shared.write });
    const { files: [{ sha256 }] } = JSON.parse(
      first.read(`outputs/demo/files/artifact.json`),
      (name, value) => name === "files" ? [value["large.bin"]] : value,
    );
    change(join(shared.path, "cas", sha256));
    equal(await second.run({ store: shared.read }), { files: "ran" });
    equal(second.warnings().length, 1, second.warnings().join("\n"));
    match(second.warnings()[0], new RegExp(`^${shared.path}/cas/${sha256} is not used: it`));
    equal(second.list("outputs/.store/scratch"), []);

    await Deno.remove(join(second.path, "outputs"), { recursive: true });
    equal(await second.run({ store: shared.write }), { files: "ran" });
    await Deno.remove(join(second.path, "outputs"), { recursive: true });
    equal(await second.run({ store: shared.read }), { files: "restored" });
  });
}

Deno.test("a description that is of another key, altered, or leads out of a folder is not used", async () => {
  await using shared = await sharedFolder();
  await using machines = await twoMachines({ files: files(10) });
  const { first, second } = machines;
  await first.run({ store: shared.write });
  const [{ name: key }] = [...Deno.readDirSync(join(shared.path, "ac"))];
  const path = join(shared.path, "ac", key);
  const right = Deno.readTextFileSync(path);
  const cases: [name: string, text: string, why: RegExp][] = [
    ["cut", right.slice(0, 100), /not JSON/],
    ["another file", right.replace("two.txt", "tow.txt"), /changed/],
    ["another record", right.replace('"bytes": 10', '"bytes": 11'), /changed/],
    ["out of the folder", await renamed(right, "two.txt", "../../two.txt"), /names a file/],
    ["absolute", await renamed(right, "two.txt", "/tmp/two.txt"), /names a file/],
    ["a file in a file", await renamed(right, "two.txt", "empty.txt/two.txt"), /names a file/],
    ["the store's own", await renamed(right, "two.txt", "artifact.json"), /names a file/],
    ["larger than the disk", await resized(right, 2 ** 52), /GB free/],
  ];
  for (const [name, text, why] of cases) {
    Deno.writeTextFileSync(path, text);
    equal(await second.run({ store: shared.read }), { files: "ran" }, name);
    equal(second.warnings().length, 1, name);
    match(second.warnings()[0], why, name);
    await Deno.remove(join(second.path, "outputs"), { recursive: true });
  }
});

Deno.test("a folder that is not mounted is said once; nothing is made in its place", async () => {
  await using machines = await twoMachines();
  const { first } = machines;
  const path = join(first.path, "not-mounted");
  equal(await first.run({ store: { path, mode: "read-write" } }), RAN);
  equal(first.warnings().length, 3, first.warnings().join("\n")); // reading, putting, what is left
  match(first.warnings()[0], /there is no such folder; mount it, or make it\. Nothing is fetched/);
  match(first.warnings()[2], /4 artifacts were not put/);
  ok(!first.exists("not-mounted"));
});

Deno.test("two writers at once leave one whole artifact", async () => {
  await using shared = await sharedFolder();
  await using machines = await twoMachines({ files: files(5_000_000) });
  const { first, second } = machines;
  await Promise.all([first.run({ store: shared.write }), second.run({ store: shared.write })]);
  equal([...first.warnings(), ...second.warnings()], []);
  await Deno.remove(join(second.path, "outputs"), { recursive: true });
  equal(await second.run({ store: shared.read }), { files: "restored" });
  equal(Object.keys(contents(shared.path)).filter((name) => name.endsWith(".tmp")), []);
});

Deno.test("a stage that is forced runs, and what it made takes the place of what is shared", async () => {
  await using shared = await sharedFolder();
  await using machines = await twoMachines({ files: files(10) });
  const { first, second } = machines;
  await first.run({ store: shared.write });
  equal(await second.run({ store: shared.write, force: true }), { files: "ran" });
  const [{ name: key }] = [...Deno.readDirSync(join(shared.path, "ac"))];
  equal(
    Deno.readTextFileSync(join(shared.path, "ac", key)),
    second.read("outputs/demo/files/artifact.json"),
  );
});

function cut(path: string): void {
  Deno.truncateSync(path, 50_000);
}

/** The same description, valid in all but a file's name. */
function renamed(text: string, from: string, to: string): Promise<string> {
  const artifact = JSON.parse(text);
  const { [from]: file, ...rest } = artifact.files;
  return sealed({ ...artifact, files: { ...rest, [to]: file } });
}

function resized(text: string, size: number): Promise<string> {
  const artifact = JSON.parse(text);
  artifact.files["large.bin"].size = size;
  return sealed(artifact);
}

async function sealed(artifact: { files: Record<string, never> }): Promise<string> {
  const { contentOf } = await import("../../../pipeline/artifact.ts");
  return JSON.stringify({ ...artifact, content: await contentOf(artifact.files) });
}
