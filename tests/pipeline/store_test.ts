import { deepEqual as equal, match, ok, rejects, throws } from "node:assert/strict";
import { createHash } from "node:crypto";
import { dirname, join } from "node:path";
import type { StoredArtifact } from "../../pipeline/artifact.ts";
import { type Disk, realDisk } from "../../pipeline/disk.ts";
import { keyOf, type KeyRecord } from "../../pipeline/key.ts";
import { artifactSchema } from "../../pipeline/schemas.ts";
import { Store } from "../../pipeline/store.ts";
import { failingDisk, flipByte } from "./project.ts";

const RECORD: KeyRecord = { format: 1, kind: "numbers", parameters: { last: 3 } };
const MADE = { started: "2026-01-02T03:04:05.000Z", seconds: 1 };
const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

class TestStore implements AsyncDisposable {
  readonly path: string;
  store: Store;
  readonly warnings: string[] = [];

  private constructor(path: string, store: Store) {
    this.path = path;
    this.store = store;
  }

  static async create(): Promise<TestStore> {
    const path = join(await Deno.makeTempDir(), "outputs", ".store");
    return new TestStore(path, await Store.open(realDisk, path, { write: true }));
  }

  /** Publishes files under a record. */
  async publish(
    files: Record<string, string>,
    record = RECORD,
    disk = realDisk,
  ): Promise<StoredArtifact> {
    const store = await Store.open(disk, this.path, { write: true });
    const scratch = await this.scratch(record, store);
    for (const [name, text] of Object.entries(files)) await scratch.output.text(name, text);
    return await store.publish(record, scratch.output, MADE);
  }

  async scratch(record = RECORD, store = this.store, fresh = false) {
    const warn = (text: string) => void this.warnings.push(text);
    return store.openScratch(record.kind, await keyOf(record), { fresh, warn });
  }

  async find(record = RECORD) {
    return await this.store.find(record.kind, await keyOf(record));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(dirname(dirname(this.path)), { recursive: true });
  }
}

Deno.test("a published artifact has its files, their digests and its record", async () => {
  await using test = await TestStore.create();
  const artifact = await test.publish({ "a.txt": "one\n", "deep/b.txt": "two\n" });
  equal(artifact.files, ["a.txt", "deep/b.txt"]);
  equal(artifact.digest("a.txt"), sha256("one\n"));
  equal(Deno.readTextFileSync(artifact.file("deep/b.txt")), "two\n");
  throws(() => artifact.file("c.txt"), /Cannot find "c.txt" in the artifact of numbers/);
  // The key by hand: SHA-256 of the record with its keys in order and no spaces.
  equal(artifact.key, sha256('{"format":1,"kind":"numbers","parameters":{"last":3}}'));
  const json = JSON.parse(Deno.readTextFileSync(join(artifact.path, "artifact.json")));
  equal(artifactSchema.parse(json), json);
  equal(json.record, RECORD);
  equal(json.made, MADE);
  equal(
    json.content,
    sha256(
      `{"a.txt":{"sha256":"${sha256("one\n")}","size":4},` +
        `"deep/b.txt":{"sha256":"${sha256("two\n")}","size":4}}`,
    ),
  );
  equal(await test.find().then(({ state }) => state), "whole");
  equal([...Deno.readDirSync(join(test.path, "scratch"))], []);
});

Deno.test("damage of every kind is found and named", async () => {
  const damage: [name: string, work: (path: string) => void, why: RegExp][] = [
    ["flipped bit", (path) => flipByte(join(path, "a.txt")), /bytes of a.txt are not those/],
    ["cut file", (path) => Deno.truncateSync(join(path, "a.txt"), 2), /a.txt has 2 bytes, not 4/],
    ["deleted file", (path) => Deno.removeSync(join(path, "a.txt")), /a.txt is missing/],
    ["no artifact.json", (path) => Deno.removeSync(join(path, "artifact.json")), /json is missing/],
    ["cut artifact.json", (path) => Deno.truncateSync(join(path, "artifact.json"), 9), /not JSON/],
    ["flipped record", (path) => {
      const file = join(path, "artifact.json");
      Deno.writeTextFileSync(file, Deno.readTextFileSync(file).replace('"last": 3', '"last": 4'));
    }, /artifact.json was changed/],
    ["flipped digest", (path) => {
      const file = join(path, "artifact.json");
      const text = Deno.readTextFileSync(file);
      Deno.writeTextFileSync(file, text.replace(sha256("one\n"), sha256("two\n")));
    }, /artifact.json was changed/],
    ["folder in place of a file", (path) => {
      Deno.removeSync(join(path, "a.txt"));
      Deno.mkdirSync(join(path, "a.txt"));
    }, /a.txt is missing/],
  ];
  for (const [name, work, why] of damage) {
    await using test = await TestStore.create();
    const { path } = await test.publish({ "a.txt": "one\n", "b.txt": "two\n" });
    work(path);
    const found = await test.find();
    equal(found.state, "damaged", name);
    match(found.state === "damaged" ? found.why : "", why);
  }
});

Deno.test("a flipped bit is found even if the file was made to look untouched", async () => {
  await using test = await TestStore.create();
  const artifact = await test.publish({ "a.txt": "one\n" });
  equal((await test.find()).state, "whole");
  const file = artifact.file("a.txt");
  const { mtime } = Deno.statSync(file);
  flipByte(file);
  Deno.utimeSync(file, mtime!, mtime!);
  equal((await test.find()).state, "damaged");
});

Deno.test("a file whose stat is the one last verified is not read again", async () => {
  await using test = await TestStore.create();
  await test.publish({ "a.txt": "one\n" });
  const hashed: string[] = [];
  const old = (path: string) => { // as if an hour had passed since
    const stat = realDisk.stat(path);
    return stat && { ...stat, mtime: stat.mtime - 3_600_000, ctime: stat.ctime - 3_600_000 };
  };
  const hash: Disk["hash"] = (path) => (hashed.push(path), realDisk.hash(path));
  test.store = await Store.open(failingDisk(realDisk, { stat: old, hash }), test.path, {
    write: true,
  });
  await test.find();
  equal(hashed.length, 1);
  await test.find();
  equal(hashed.length, 1);
});

Deno.test("a store of another format is left alone", async () => {
  await using test = await TestStore.create();
  Deno.writeTextFileSync(join(test.path, "format"), "2\n");
  await rejects(
    Store.open(realDisk, test.path, { write: true }),
    /has format 2, and this version reads format 1/,
  );
  equal(Deno.readTextFileSync(join(test.path, "format")), "2\n");
});

Deno.test("a kill or a full disk at the store's first write leaves it usable", async () => {
  await using test = await TestStore.create();
  const format = join(test.path, "format");
  for (const call of ["write", "sync", "rename"] as const) {
    Deno.removeSync(format);
    const disk = failingDisk(realDisk, {
      [call]: (path: string) => {
        if (call === "write") Deno.writeTextFileSync(path, ""); // nothing of it fitted
        throw Object.assign(new Error("No space left"), { code: "ENOSPC" });
      },
    });
    await rejects(Store.open(disk, test.path, { write: true }), /No space left/);
    equal([...Deno.readDirSync(test.path)].map(({ name }) => name), [], call);
    await Store.open(realDisk, test.path, { write: true });
    equal(Deno.readTextFileSync(format), "1\n");
  }
  // As an earlier version could leave it.
  Deno.writeTextFileSync(format, "");
  await Store.open(realDisk, test.path, { write: true });
  equal(Deno.readTextFileSync(format), "1\n");
});

Deno.test("a store that is opened to look at is not written to", async () => {
  await using test = await TestStore.create();
  const { key } = await test.publish({ "a.txt": "one\n" });
  const writes: string[] = [];
  const noted = (path: string) => void writes.push(path);
  const old = (path: string) => { // as if an hour had passed since: worth keeping
    const stat = realDisk.stat(path);
    return stat && { ...stat, mtime: stat.mtime - 3_600_000, ctime: stat.ctime - 3_600_000 };
  };
  const disk = failingDisk(realDisk, { stat: old, write: noted, makeFolder: noted, rename: noted });
  const store = await Store.open(disk, test.path, { write: false });
  equal((await store.find("numbers", key)).state, "whole");
  equal(writes, []);
});

Deno.test("a full disk at any write leaves the store whole", async () => {
  for (let failAt = 1;; failAt++) {
    await using test = await TestStore.create();
    await test.publish({ "a.txt": "old\n" }, { ...RECORD, parameters: { last: 1 } });
    let calls = 0;
    const full = (name: string) => {
      if (++calls === failAt) {
        throw Object.assign(new Error(`No space left on device (os error 28): ${name}`), {
          code: "ENOSPC",
        });
      }
    };
    const disk = failingDisk(realDisk, {
      write: (path, content) => (full("write"), realDisk.write(path, content)),
      makeFolder: (path) => (full("mkdir"), realDisk.makeFolder(path)),
      rename: (from, to) => (full("rename"), realDisk.rename(from, to)),
      sync: async (path) => (full("sync"), await realDisk.sync(path)),
    });
    let failed = false;
    try {
      await test.publish({ "a.txt": "new\n", "deep/b.txt": "two\n" }, RECORD, disk);
    } catch (error) {
      failed = true;
      equal((error as { code?: string }).code, "ENOSPC");
    }
    const found = await test.find();
    ok(
      found.state === "whole" || (failed && found.state === "missing"),
      `${failAt}: ${found.state}`,
    );
    const old = await test.find({ ...RECORD, parameters: { last: 1 } });
    equal(old.state, "whole");
    // And with space again, it works.
    await test.publish({ "a.txt": "new\n", "deep/b.txt": "two\n" });
    equal((await test.find()).state, "whole");
    if (calls < failAt) break; // every call has failed once
  }
});

Deno.test("a file taken from another artifact shares its bytes and is not read again", async () => {
  await using test = await TestStore.create();
  const big = "x".repeat(2 << 20); // large enough to be trusted soon
  const source = await test.publish({ "a.txt": big });
  await new Promise((resolve) => setTimeout(resolve, 60));
  await test.find();
  const hashed: string[] = [];
  const hash: Disk["hash"] = (path) => (hashed.push(path), realDisk.hash(path));
  const store = await Store.open(failingDisk(realDisk, { hash }), test.path, { write: true });
  const record = { ...RECORD, kind: "other" };
  const { output } = await test.scratch(record, store);
  await output.take("copy.txt", source.file("a.txt"));
  const taken = await store.publish(record, output, MADE);
  equal(Deno.statSync(taken.file("copy.txt")).ino, Deno.statSync(source.file("a.txt")).ino);
  equal(taken.digest("copy.txt"), source.digest("a.txt"));
  equal((await store.find("numbers", source.key)).state, "whole");
  equal((await store.find("other", taken.key)).state, "whole");
  equal(hashed, []);
});

Deno.test("writing over a file that was taken leaves the other artifact alone", async () => {
  await using test = await TestStore.create();
  const source = await test.publish({ "a.txt": "one\n" });
  const record = { ...RECORD, kind: "other" };
  const { output } = await test.scratch(record);
  await output.take("a.txt", source.file("a.txt"));
  await output.text("a.txt", "two\n");
  const other = await test.store.publish(record, output, MADE);
  equal(Deno.readTextFileSync(other.file("a.txt")), "two\n");
  equal(Deno.readTextFileSync(source.file("a.txt")), "one\n");
  equal((await test.find()).state, "whole");
});

Deno.test("where the disk has no hard links a taken file is copied", async () => {
  await using test = await TestStore.create();
  const source = await test.publish({ "a.txt": "one\n" });
  const disk = failingDisk(realDisk, {
    hardLink() {
      throw new Error("not supported");
    },
  });
  const store = await Store.open(disk, test.path, { write: true });
  const record = { ...RECORD, kind: "other" };
  const { output } = await test.scratch(record, store);
  await output.take("a.txt", source.file("a.txt"));
  const other = await store.publish(record, output, MADE);
  equal(other.digest("a.txt"), sha256("one\n"));
});

Deno.test("names that lead out of an artifact, or are the store's own, are refused", async () => {
  await using test = await TestStore.create();
  const { output, checkpoint } = await test.scratch();
  for (const name of ["../a", "/a", "a/../../b", "", "a//b", "a\\b", ".", "artifact.json"]) {
    await rejects(output.text(name, ""), /Cannot (name|write)/, name);
  }
  await rejects(output.text("figures/a.svg", ""), /the store's own/);
  await rejects(checkpoint.save("../a", () => Promise.resolve()), /Cannot name/);
  throws(() => test.store.place("locks", "0"), /Cannot store artifacts of kind "locks"/);
  throws(() => test.store.place("../x", "0"), /Cannot store artifacts of kind/);
});

Deno.test("a link in an output is not published", async () => {
  await using test = await TestStore.create();
  const { output } = await test.scratch();
  Deno.symlinkSync("/etc/hostname", output.file("a"));
  await rejects(test.store.publish(RECORD, output, MADE), /"a": it is not a plain file/);
});

Deno.test("a checkpoint gives back what was saved, and outlives the output", async () => {
  await using test = await TestStore.create();
  const { output, checkpoint } = await test.scratch();
  await output.text("half.txt", "half");
  for (const text of ["one", "two"]) {
    await checkpoint.save("model/a.bin", (path) => Deno.writeTextFile(path, text));
  }
  const again = await test.scratch();
  equal(await again.checkpoint.list(), ["model/a.bin"]);
  equal(Deno.readTextFileSync((await again.checkpoint.load("model/a.bin"))!), "two");
  equal(await again.checkpoint.load("other"), undefined);
  equal([...Deno.readDirSync(again.output.path)], []);
  await again.checkpoint.remove("model/a.bin");
  equal(await again.checkpoint.list(), []);
  await again.checkpoint.save("b", (path) => Deno.writeTextFile(path, "b"));
  equal(await (await test.scratch(RECORD, test.store, true)).checkpoint.list(), []);
});

Deno.test("a damaged checkpoint is set aside, said and not used", async () => {
  await using test = await TestStore.create();
  const { checkpoint } = await test.scratch();
  await checkpoint.save("a.bin", (path) => Deno.writeTextFile(path, "some text"));
  flipByte((await checkpoint.load("a.bin"))!);
  equal(await checkpoint.load("a.bin"), undefined);
  match(test.warnings[0], /The checkpoint a.bin is damaged; it was moved to .*aside/);
  equal(await checkpoint.list(), []);
});

Deno.test("a checkpoint that a kill or a full disk cut short leaves the one before", async () => {
  await using test = await TestStore.create();
  const saved = async (disk: Disk, text: string) => {
    const store = await Store.open(disk, test.path, { write: true });
    const { checkpoint } = await test.scratch(RECORD, store);
    await checkpoint.save("a.bin", (path) => Deno.writeTextFile(path, text));
  };
  await saved(realDisk, "one");
  for (let failAt = 1;; failAt++) {
    let calls = 0;
    const full = () => {
      if (++calls === failAt) throw Object.assign(new Error("No space left"), { code: "ENOSPC" });
    };
    const disk = failingDisk(realDisk, {
      write: (path, content) => (full(), realDisk.write(path, content)),
      rename: (from, to) => (full(), realDisk.rename(from, to)),
      sync: async (path) => (full(), await realDisk.sync(path)),
    });
    await saved(disk, `two ${failAt}`).catch(() => {});
    const { checkpoint } = await test.scratch();
    const text = Deno.readTextFileSync((await checkpoint.load("a.bin"))!);
    ok(/^(one|two \d+)$/.test(text), text);
    if (calls < failAt) break;
  }
  equal(test.warnings, []);
});
