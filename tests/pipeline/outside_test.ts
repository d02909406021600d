import { deepEqual as equal } from "node:assert/strict";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { readOutside } from "../../pipeline/outside.ts";
import { FaultyDisk } from "./faulty_disk.ts";
import { flipByte } from "./project.ts";

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

Deno.test("a file outside is read again only when its stat has changed, and the digest is of names and bytes", async () => {
  const folder = await Deno.makeTempDir();
  const clock = Date.now;
  try {
    const [root, store] = [join(folder, "photos"), join(folder, "store")];
    await Deno.mkdir(root);
    const files = ["a.png", "b.png", "c.png"];
    for (const name of files) await Deno.writeTextFile(join(root, name), name);
    // Files of this moment are not trusted: they could change once more unseen.
    Date.now = () => clock() + 10_000;
    const read = async () => {
      const { disk, calls } = new FaultyDisk();
      const { digest } = await readOutside(disk, store, { root, files }, true);
      const count = (name: string, ending: string) =>
        calls.filter((call) => call.startsWith(name) && call.endsWith(`${ending}'`)).length;
      // Reads of files, and of the memo that has a line for each.
      return { digest, read: count("hash", ".png"), memo: count("readText", ".json") };
    };
    const digestOf = (texts: string[]) =>
      sha256(`[${texts.map((text, i) => `["${files[i]}","${sha256(text)}"]`).join(",")}]`);
    const digest = digestOf(files);
    equal(await read(), { digest, read: 3, memo: 1 });
    equal(await read(), { digest, read: 0, memo: 1 });
    equal(await read(), { digest, read: 0, memo: 0 });
    await Deno.writeTextFile(join(root, "b.png"), "another");
    const other = digestOf(["a.png", "another", "c.png"]);
    equal(await read(), { digest: other, read: 1, memo: 1 });
    equal(await read(), { digest: other, read: 0, memo: 1 });
    // A line that is damaged is not believed.
    const memos = join(store, "memo", "files");
    const last = [...Deno.readDirSync(memos)].find(({ name }) => name.endsWith(".last"))!.name;
    flipByte(join(memos, last));
    equal(await read(), { digest: other, read: 0, memo: 1 });
    equal(await read(), { digest: other, read: 0, memo: 0 });
  } finally {
    Date.now = clock;
    await Deno.remove(folder, { recursive: true });
  }
});
