import { deepEqual as equal } from "node:assert/strict";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { readOutside } from "../../pipeline/outside.ts";
import { FaultyDisk } from "./faulty_disk.ts";

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
      return { digest, read: calls.filter((call) => call.startsWith("hash")).length };
    };
    const digestOf = (texts: string[]) =>
      sha256(`[${texts.map((text, i) => `["${files[i]}","${sha256(text)}"]`).join(",")}]`);
    equal(await read(), { digest: digestOf(files), read: 3 });
    equal(await read(), { digest: digestOf(files), read: 0 });
    await Deno.writeTextFile(join(root, "b.png"), "another");
    equal(await read(), { digest: digestOf(["a.png", "another", "c.png"]), read: 1 });
  } finally {
    Date.now = clock;
    await Deno.remove(folder, { recursive: true });
  }
});
