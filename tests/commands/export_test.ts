import { deepStrictEqual as equal, match, rejects, strictEqual, throws } from "node:assert/strict";
import { join } from "node:path";
import { checkTarget, EXPORT_FILE, writeFolder } from "../../commands/export/write.ts";
import { type Disk, realDisk } from "../../pipeline/disk.ts";
import { markRunning } from "../../pipeline/running.ts";
import { CommandProject, runJson } from "./project.ts";

const DIGEST = "0".repeat(64);

Deno.test("what is no run that can be exported is told in a sentence, with exit 2", async () => {
  await using project = await CommandProject.create({
    "outputs/pets/run.json": runJson(
      "pets",
      { "load-pretrained": "ran", train: "failed" },
      "configs/pets.yaml",
    ),
    "outputs/theory/run.json": runJson("theory", { "worked-example": "ran" }),
    "outputs/rates/sweep.json": JSON.stringify({
      metric: "validation_accuracy",
      points: [{ name: "b", parameters: {}, status: "ran", validation_accuracy: 0.5 }],
      best: "b",
    }),
    "outputs/rates/b/run.json": runJson("rates/b", {}),
    "outputs/odd/run.json": "{}",
  });
  const told = async (run: string) => {
    const { code, stdout, stderr } = await project.command("export", run, "out");
    equal([code, stdout, project.list("out")], [2, "", []]);
    return stderr.replaceAll(project.path, "").trim().split("\n");
  };
  equal(await told("petz"), ['Cannot find a run "petz" in /outputs: did you mean "pets"?']);
  equal(await told("outputs/pets"), [
    'Cannot export "pets": its stage "train" has no finished model (failed)',
    "Finish it first: deno task run configs/pets.yaml",
  ]);
  equal(await told("theory"), ['Cannot export "theory": none of its stages makes a model']);
  equal(await told("rates"), [
    'Cannot export "rates": it is a sweep, and one of its runs is wanted',
    "Name a run of it: rates/b, its best, for example",
  ]);
  equal(await told("odd"), [
    "Cannot read /outputs/odd/run.json: it is not what a run leaves behind",
    "Run the config again",
  ]);
});

Deno.test("a run that is at work, or never came to its end, is not exported", async () => {
  await using project = await CommandProject.create({
    "outputs/pets/run.json": runJson("pets", { train: "ran" }),
    "outputs/cats/events.jsonl": JSON.stringify({
      time: "2026-03-01T10:00:00.000Z",
      type: "run-started",
      name: "cats",
      config: "/a.yaml",
      stages: ["train"],
    }) + "\n",
  });
  const told = async (run: string) => (await project.command("export", run, "out")).stderr;
  using _ = markRunning(join(project.path, "outputs"), "pets");
  match(await told("pets"), /^Cannot export "pets": a process is at work at it\n/);
  match(await told("cats"), /^Cannot export "cats": it has not come to an end yet \(stopped\)\n/);
});

/** A folder for a test, removed afterwards. */
async function withFolder(body: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "vitrine-export-" });
  try {
    await body(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const ABOUT = { run: "pets", stage: "train", content: DIGEST };
const NEVER = new AbortController().signal;
const texts = (text: string) => [
  { name: "README.md", text },
  { name: "figures/a.png", text: "picture" },
];
const namesIn = (folder: string) => [...Deno.readDirSync(folder)].map(({ name }) => name).sort();

Deno.test("a target is taken where it is missing or empty, and refused where it is anything else", async () => {
  await withFolder(async (folder) => {
    const out = join(folder, "out");
    checkTarget(realDisk, out, false);
    Deno.mkdirSync(out);
    checkTarget(realDisk, out, false);
    Deno.writeTextFileSync(join(out, "notes.txt"), "mine");
    throws(() => checkTarget(realDisk, out, false), /the folder is not empty; name another$/);
    throws(() => checkTarget(realDisk, out, true), /is not empty, and no export made it$/);
    throws(() => checkTarget(realDisk, join(out, "notes.txt"), true), /a file of that name$/);
    // An empty folder inside is something, too.
    const nested = join(folder, "nested");
    Deno.mkdirSync(join(nested, "empty"), { recursive: true });
    throws(() => checkTarget(realDisk, nested, false), /not empty/);
    await Promise.resolve();
  });
});

Deno.test("an earlier export is replaced with --force only, and nothing that others put into it", async () => {
  await withFolder(async (folder) => {
    const out = join(folder, "out");
    await writeFolder(realDisk, out, texts("first"), ABOUT, NEVER);
    throws(() => checkTarget(realDisk, out, false), /an earlier export is there; --force replaces/);
    checkTarget(realDisk, out, true);
    Deno.mkdirSync(join(out, ".git"));
    Deno.writeTextFileSync(join(out, ".git/HEAD"), "ref");
    throws(
      () => checkTarget(realDisk, out, true),
      /\.git\/HEAD in it is not of the earlier export/,
    );
    Deno.removeSync(join(out, ".git"), { recursive: true });
    await writeFolder(realDisk, out, [{ name: "README.md", text: "second" }], ABOUT, NEVER);
    strictEqual(Deno.readTextFileSync(join(out, "README.md")), "second");
    equal(namesIn(out), ["README.md", EXPORT_FILE]);
    equal(namesIn(folder), ["out"]);
  });
});

/** A disk of which one call fails. */
function failing(call: "write" | "copy" | "rename" | "sync", onCall: number): Disk {
  let calls = 0;
  const fail = () => {
    if (++calls === onCall) {
      throw Object.assign(new Error("No space left on device (os error 28)"), { code: "ENOSPC" });
    }
  };
  const real = realDisk[call] as (...args: unknown[]) => unknown;
  return {
    ...realDisk,
    [call]: (...args: unknown[]) => {
      fail();
      return real(...args);
    },
  };
}

Deno.test("a disk that fails at any call leaves what was there, and nothing beside it", async () => {
  // Two texts and the list: three writes; each is synced, then two folders and the one above; the
  // old folder is renamed, then the new one.
  for (const [call, times] of [["write", 3], ["sync", 5], ["rename", 2]] as const) {
    for (let onCall = 1; onCall <= times; onCall++) {
      await withFolder(async (folder) => {
        const out = join(folder, "out");
        await writeFolder(realDisk, out, texts("first"), ABOUT, NEVER);
        const disk = failing(call, onCall);
        await rejects(writeFolder(disk, out, texts("second"), ABOUT, NEVER), /the disk is full/);
        strictEqual(
          Deno.readTextFileSync(join(out, "README.md")),
          "first",
          `${call}, call ${onCall}`,
        );
        equal(namesIn(folder), ["out"]);
        checkTarget(realDisk, out, true);
      });
    }
  }
});

Deno.test("a file that is not what was published stops the export", async () => {
  await withFolder(async (folder) => {
    Deno.writeTextFileSync(join(folder, "model.safetensors"), "weights");
    const out = join(folder, "out");
    const write = (size: number, sha256: string) => {
      const files = { "model.safetensors": { size, sha256 } };
      const record = { format: 1, kind: "train", key: DIGEST, content: DIGEST, files };
      const from = {
        folder,
        record: { ...record, record: { kind: "train" }, made: { started: "", seconds: 0 } },
      };
      const file = { name: "model.safetensors", from, file: "model.safetensors" };
      return writeFolder(realDisk, out, [file], ABOUT, NEVER);
    };
    await rejects(write(7, DIGEST), /its bytes are not those that were published/);
    await rejects(write(8, DIGEST), /it has 7 bytes, not 8/);
    equal(namesIn(folder), ["model.safetensors"]);
    // printf weights | sha256sum
    const right = "9a129038d9a00aed0cf6a7ea059ca50a813449061ab87848cf1a13eafdf33b2c";
    await write(7, right);
    strictEqual(Deno.readTextFileSync(join(out, "model.safetensors")), "weights");
    Deno.removeSync(join(folder, "model.safetensors"));
    await rejects(write(7, DIGEST), /it is missing/);
  });
});

Deno.test("an interrupted export leaves nothing", async () => {
  await withFolder(async (folder) => {
    const stop = new AbortController();
    stop.abort();
    await rejects(writeFolder(realDisk, join(folder, "out"), texts("x"), ABOUT, stop.signal));
    equal(namesIn(folder), []);
  });
});
