import { deepEqual, equal, rejects } from "node:assert/strict";
import { readTar } from "../../data/tar.ts";
import { tar } from "./fake_cifar10.ts";

/** A stream that comes in pieces of `size` bytes. */
function pieces(bytes: Uint8Array<ArrayBuffer>, size: number) {
  return new ReadableStream<Uint8Array<ArrayBuffer>>({
    start(controller) {
      for (let at = 0; at < bytes.length; at += size) {
        controller.enqueue(bytes.slice(at, at + size));
      }
      controller.close();
    },
  });
}

const FILES = {
  "a/one.txt": Uint8Array.of(1, 2, 3),
  "a/empty": new Uint8Array(0),
  "b": new Uint8Array(1024).fill(7),
};

for (const size of [1, 511, 512, 100_000]) {
  Deno.test(`entries are whole when the archive comes ${size} bytes at a time`, async () => {
    const found: Record<string, Uint8Array> = {};
    for await (const entry of readTar(pieces(tar(FILES), size))) {
      found[entry.name] = await entry.bytes();
    }
    deepEqual(found, FILES);
  });
}

Deno.test("an entry that nobody reads is passed over", async () => {
  const names: string[] = [];
  for await (const entry of readTar(pieces(tar(FILES), 300))) {
    names.push(`${entry.name} ${entry.size}`);
  }
  deepEqual(names, ["a/one.txt 3", "a/empty 0", "b 1024"]);
});

Deno.test("a link is no file", async () => {
  const archive = tar({ "link": new Uint8Array(0), "file": Uint8Array.of(9) });
  archive[156] = "2".charCodeAt(0);
  // "0" became "2", so the sum in octal at 148 grows by two.
  const sum = Number.parseInt(new TextDecoder().decode(archive.subarray(148, 154)), 8) + 2;
  archive.set(new TextEncoder().encode(sum.toString(8).padStart(6, "0")), 148);
  const names: string[] = [];
  for await (const entry of readTar(pieces(archive, 512))) names.push(entry.name);
  deepEqual(names, ["file"]);
});

Deno.test("an archive that is cut, or none, is refused", async () => {
  const read = async (bytes: Uint8Array<ArrayBuffer>) => {
    for await (const entry of readTar(pieces(bytes, 512))) await entry.bytes();
  };
  const whole = tar(FILES);
  await rejects(read(whole.slice(0, 700)), /it ends in the middle/);
  await rejects(read(new Uint8Array(1024).fill(65)), /it is no tar/);
  const damaged = whole.slice();
  damaged[3] ^= 1; // a letter of the name
  await rejects(read(damaged), /it is no tar/);
  equal(await read(whole), undefined);
});
