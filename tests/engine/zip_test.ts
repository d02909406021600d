import assert from "node:assert/strict";
import { join } from "node:path";
import { readDirectory, unpack } from "../../engine/zip.ts";
import { CC, fakeWheel, zip } from "./fake_wheel.ts";

async function withArchive(
  bytes: Uint8Array,
  test: (file: Deno.FsFile) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  const path = join(folder, "archive.zip");
  await Deno.writeFile(path, bytes);
  try {
    using file = await Deno.open(path);
    await test(file);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function unpacked(file: Deno.FsFile, name: string): Promise<Uint8Array> {
  const entry = (await readDirectory(file)).get(name)!;
  const pieces = await Array.fromAsync(unpack(file, entry));
  return new Uint8Array(await new Blob(pieces as Uint8Array<ArrayBuffer>[]).arrayBuffer());
}

Deno.test("stored and deflated files come out as they went in", async () => {
  await withArchive(fakeWheel().bytes, async (file) => {
    assert.deepEqual(await unpacked(file, "tensorflow/libtensorflow_cc.so.2"), CC);
    const text = new TextDecoder().decode(await unpacked(file, "tensorflow/readme.txt"));
    assert.equal(text, "not wanted");
  });
});

Deno.test("an archive that Python wrote is read", async () => {
  // import zipfile
  // entry = zipfile.ZipInfo("a/b"); entry.compress_type = zipfile.ZIP_DEFLATED
  // with zipfile.ZipFile("archive.zip", "w") as archive: archive.writestr(entry, "abcabcabc")
  const base64 =
    "UEsDBBQAAAAIAAAAIQAYSC1GBwAAAAkAAAADAAAAYS9iS0xKTgQjAFBLAQIUAxQAAAAIAAAAIQAYSC1GBwAA" +
    "AAkAAAADAAAAAAAAAAAAAACAAQAAAABhL2JQSwUGAAAAAAEAAQAxAAAAKAAAAAAA";
  await withArchive(Uint8Array.from(atob(base64), (c) => c.charCodeAt(0)), async (file) => {
    assert.equal(new TextDecoder().decode(await unpacked(file, "a/b")), "abcabcabc");
  });
});

Deno.test("a file whose bytes do not fit its checksum is refused", async () => {
  const bytes = zip({ "a.txt": new TextEncoder().encode("attention") });
  bytes[bytes.indexOf("n".charCodeAt(0), 40)] ^= 1;
  await withArchive(bytes, async (file) => {
    await assert.rejects(unpacked(file, "a.txt"), {
      message: "Cannot unpack a.txt: the archive is damaged",
    });
  });
});

Deno.test("an archive that is cut short is refused", async () => {
  const { bytes } = fakeWheel();
  await withArchive(bytes.subarray(0, bytes.length / 2), async (file) => {
    await assert.rejects(readDirectory(file), /not a ZIP file or is cut short/);
  });
});
