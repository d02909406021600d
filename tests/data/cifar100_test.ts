import { deepEqual, equal, match, rejects } from "node:assert/strict";
import { createHash } from "node:crypto";
import { type Cifar100Options, openCifar100 } from "../../data/cifar100.ts";
import { CIFAR100_CLASSES, CIFAR100_SUPERCLASSES } from "../../data/cifar100_classes.ts";
import type { Contents } from "../../data/fetched.ts";
import { gzip, tar } from "./fake_cifar10.ts";

/** Bytes of one record: coarse label, fine label, three planes of 32 x 32. */
const RECORD = 3074;

const value = (image: number, y: number, x: number, channel: number) =>
  (image * 7 + y * 3 + x * 5 + channel * 11) % 256;

/** Images `first` and on, as the archive has them: image i is of class i % 100. */
function records(first: number, count: number): Uint8Array {
  const bytes: number[] = [];
  for (let image = first; image < first + count; image++) {
    bytes.push(image % 20, image % 100);
    for (let channel = 0; channel < 3; channel++) {
      for (let y = 0; y < 32; y++) {
        for (let x = 0; x < 32; x++) bytes.push(value(image, y, x, channel));
      }
    }
  }
  return Uint8Array.from(bytes);
}

const FILES = { "train.bin": records(0, 103), "test.bin": records(200, 3) };
const contentsOf = (files: Record<string, Uint8Array>): Contents =>
  Object.fromEntries(
    Object.entries(files).map((
      [name, bytes],
    ) => [name, {
      bytes: bytes.length,
      sha256: createHash("sha256").update(bytes).digest("hex"),
    }]),
  );

/** Serves an archive of these files on loopback, to a cache of its own. */
async function place(files: Record<string, Uint8Array> = FILES, extra: typeof files = {}) {
  const inside = Object.entries(files).map(([name, bytes]) => [`cifar-100-binary/${name}`, bytes]);
  const archive = await gzip(tar({ ...extra, ...Object.fromEntries(inside) }));
  const requests: string[] = [];
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, ({ url }) => {
    requests.push(new URL(url).pathname);
    return new Response(archive);
  });
  const folder = await Deno.makeTempDir();
  const said: string[] = [];
  const options: Cifar100Options = {
    folder,
    contents: contentsOf(files),
    sources: [{
      name: "official",
      url: `http://127.0.0.1:${server.addr.port}/cifar-100-binary.tar.gz`,
      file: "cifar-100-binary.tar.gz",
      bytes: archive.length,
      sha256: createHash("sha256").update(archive).digest("hex"),
    }],
    report: {
      progress() {},
      line: (text) => void said.push(text),
      warn: (text) => void said.push(text),
    },
  };
  return {
    options,
    requests,
    said,
    async [Symbol.asyncDispose]() {
      await server.shutdown();
      await Deno.remove(folder, { recursive: true });
    },
  };
}

for (const labels of ["fine", "coarse"] as const) {
  Deno.test(`the archive becomes images and their ${labels} labels in order`, async () => {
    await using cache = await place();
    using data = await openCifar100({ ...cache.options, labels });
    const classes = labels === "fine" ? 100 : 20;
    equal(data.classes.length, classes);
    deepEqual([data.train.count, data.test.count], [103, 3]);
    deepEqual([...data.train.labels], Array.from({ length: 103 }, (_, i) => i % classes));
    deepEqual([...data.test.labels], [0, 1, 2]);
    const images = data.train.read(100, 2);
    for (const [y, x, channel] of [[0, 0, 0], [3, 17, 2], [31, 30, 1]]) {
      equal(images[(y * 32 + x) * 3 + channel], value(100, y, x, channel));
      equal(images[3072 + (y * 32 + x) * 3 + channel], value(101, y, x, channel));
    }
    await rejects(async () => await data.test.read(2, 2), /Cannot read images 2 to 3: there are 3/);
  });
}

Deno.test("it is fetched once; one archive serves both kinds of label", async () => {
  await using cache = await place();
  (await openCifar100(cache.options))[Symbol.dispose]();
  using coarse = await openCifar100({ ...cache.options, labels: "coarse", sources: [] });
  equal(coarse.source, "official");
  equal(cache.requests.length, 1);
});

Deno.test("names in the archive lead nowhere: only its two files are taken", async () => {
  const stranger = new TextEncoder().encode("no");
  await using cache = await place(FILES, {
    "../../outside": stranger,
    "/tmp/outside": stranger,
    "cifar-100-binary/../train.bin": stranger,
    "cifar-100-binary/fine_label_names.txt": stranger,
  });
  using data = await openCifar100(cache.options);
  equal(data.train.count, 103);
  const kept = [...Deno.readDirSync(`${cache.options.folder}/data`)].map(({ name }) => name);
  deepEqual(kept.sort(), ["source", "test.bin", "train.bin"]);
});

Deno.test("other bytes than CIFAR-100's are refused, and damage is noticed", async () => {
  await using cache = await place();
  const wrong = { ...cache.options.contents!, "test.bin": { bytes: 3 * RECORD, sha256: "0" } };
  await rejects(
    openCifar100({ ...cache.options, contents: wrong }),
    /Cannot fetch CIFAR-100\. .*test\.bin is not what it should be/s,
  );
  (await openCifar100(cache.options))[Symbol.dispose]();
  const path = `${cache.options.folder}/data/train.bin`;
  const bytes = await Deno.readFile(path);
  bytes[5000] ^= 1;
  await Deno.writeFile(path, bytes);
  using data = await openCifar100(cache.options);
  equal(data.train.count, 103);
  match(
    cache.said.join("\n"),
    /CIFAR-100 in .* is damaged \(train\.bin is not what it should be\)/,
  );
});

Deno.test("a label beyond the classes is named with its image", async () => {
  const files = { "train.bin": records(0, 3), "test.bin": records(0, 1) };
  files["train.bin"][2 * RECORD + 1] = 100;
  await using cache = await place(files);
  await rejects(openCifar100(cache.options), /image 2 has the fine label 100/);
});

Deno.test("the classes are those of the archive's lists, sorted as there", () => {
  equal(new Set(CIFAR100_CLASSES).size, 100);
  equal(new Set(CIFAR100_SUPERCLASSES).size, 20);
  deepEqual([...CIFAR100_CLASSES].sort(), CIFAR100_CLASSES);
  deepEqual([...CIFAR100_SUPERCLASSES].sort(), CIFAR100_SUPERCLASSES);
  deepEqual([CIFAR100_CLASSES[0], CIFAR100_CLASSES[99]], ["apple", "worm"]);
});
