import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { UserError } from "../../base/errors.ts";
import { findLibrary, type FindOptions } from "../../engine/library.ts";
import { pipSource, pypiSource } from "../../engine/sources.ts";
import { CC, fakeWheel, FRAMEWORK, serveWheel } from "./fake_wheel.ts";

/** An empty cache, a small wheel on a server of this machine, and what was reported. */
async function withWheel(
  test: (place: {
    cache: string;
    folder: string;
    lines: string[];
    requests: string[];
    index: string;
    find: (options?: FindOptions) => ReturnType<typeof findLibrary>;
  }) => Promise<void>,
  changed: Partial<ReturnType<typeof fakeWheel>["wheel"]> = {},
): Promise<void> {
  const cache = await Deno.makeTempDir();
  const { wheel: whole, bytes } = fakeWheel();
  const wheel = { ...whole, ...changed };
  const server = serveWheel(wheel, bytes);
  const lines: string[] = [];
  const report = { progress: () => {}, line: (text: string) => void lines.push(text) };
  try {
    await test({
      cache,
      folder: join(cache, "tensorflow-2.21.0-test"),
      lines,
      requests: server.requests,
      index: server.index,
      find: (options) =>
        findLibrary(wheel, {
          cache,
          report,
          sources: [pypiSource(cache, server.index)],
          ...options,
        }),
    });
  } finally {
    await server.shutdown();
    await Deno.remove(cache, { recursive: true });
  }
}

async function names(folder: string): Promise<string[]> {
  return (await Array.fromAsync(Deno.readDir(folder), (entry) => entry.name)).sort();
}

Deno.test("a library that is not there is fetched, and only its two files are unpacked", async () => {
  await withWheel(async ({ cache, folder, find, lines }) => {
    const files = await find();
    assert.equal(files.framework, join(folder, "libtensorflow_framework.so.2"));
    assert.deepEqual(await Deno.readFile(files.framework), FRAMEWORK);
    assert.deepEqual(await Deno.readFile(files.cc), CC);
    assert.deepEqual(await names(folder), [
      "library.json",
      "libtensorflow_cc.so.2",
      "libtensorflow_framework.so.2",
    ]);
    // The locks stay: unlinking one would let two processes hold two files of one name.
    assert.deepEqual(await names(cache), [
      "tensorflow-2.21.0-test",
      "tensorflow-2.21.0-test.lock",
      "tensorflow_test-2.21.0-cp311-cp311-any.whl.lock",
    ]);
    assert.deepEqual(lines, ["Fetching TensorFlow 2.21.0 (0 MB), once for all runs"]);
  });
});

Deno.test("a library that is there is not fetched again", async () => {
  await withWheel(async ({ find, requests, lines }) => {
    await find();
    const before = [requests.length, lines.length];
    await find();
    assert.deepEqual([requests.length, lines.length], before);
  });
});

Deno.test("a library that was touched but is whole is not fetched again", async () => {
  await withWheel(async ({ find, requests }) => {
    const { cc } = await find();
    const before = requests.length;
    await Deno.utime(cc, new Date(0), new Date(0));
    await find();
    assert.equal(requests.length, before);
  });
});

Deno.test("a damaged library is set aside, fetched again, and said in one line", async () => {
  await withWheel(async ({ folder, find, lines }) => {
    const { cc } = await find();
    const damaged = CC.slice();
    damaged[1000] ^= 1;
    await Deno.writeFile(cc, damaged);
    await Deno.utime(cc, new Date(0), new Date(0));
    await find();
    assert.deepEqual(await Deno.readFile(cc), CC);
    assert.deepEqual(
      await Deno.readFile(join(`${folder}.damaged`, "libtensorflow_cc.so.2")),
      damaged,
    );
    assert.deepEqual(lines.slice(1, 2), [
      `${cc} is damaged: set aside as ${folder}.damaged and fetched again`,
    ]);
  });
});

Deno.test("a library that lacks a file is fetched again", async () => {
  await withWheel(async ({ find }) => {
    const { framework } = await find();
    await Deno.remove(framework);
    await find();
    assert.deepEqual(await Deno.readFile(framework), FRAMEWORK);
  });
});

Deno.test("what a killed process left is cleared away", async () => {
  await withWheel(async ({ cache, folder, find }) => {
    await Deno.mkdir(join(`${folder}.new`, "libraries"), { recursive: true });
    await Deno.writeTextFile(join(`${folder}.new`, "libraries", "libtensorflow_cc.so.2"), "half");
    await find();
    assert.ok(!(await names(cache)).includes("tensorflow-2.21.0-test.new"));
  });
});

Deno.test("a wheel with another digest is refused and nothing is kept", async () => {
  const other = { sha256: "0".repeat(64) };
  await withWheel(async ({ cache, find }) => {
    await assert.rejects(find(), (error: UserError) => {
      assert.equal(error.name, "UserError");
      assert.match(error.message, /^Cannot fetch TensorFlow 2\.21\.0\. .*SHA-256/);
      assert.match(error.hint!, /VITRINE_TENSORFLOW/);
      return true;
    });
    assert.deepEqual((await names(cache)).filter((name) => !name.endsWith(".lock")), []);
  }, other);
});

Deno.test("a library with another digest than the pinned one is refused", async () => {
  const other = { cc: { file: "libtensorflow_cc.so.2", sha256: "0".repeat(64) } };
  await withWheel(async ({ folder, find }) => {
    await assert.rejects(find(), {
      name: "UserError",
      message: /libtensorflow_cc\.so\.2.*SHA-256/,
    });
    await assert.rejects(Deno.stat(folder), Deno.errors.NotFound);
  }, other);
});

Deno.test("where no source has it, every source's reason is in the sentence", async () => {
  await withWheel(async ({ cache, index, find }) => {
    const sources = [
      pipSource([["there-is-no-such-program"]]),
      pypiSource(cache, index.replace("pypi", "nothing")),
    ];
    await assert.rejects(find({ sources }), {
      name: "UserError",
      message: new RegExp(
        "^Cannot fetch TensorFlow 2.21.0. pip: there is no pip here; 127.0.0.1:\\d+: " +
          "Cannot read http.*/json: the server answered 404$",
      ),
    });
  });
});

Deno.test("two processes that want the library fetch it once", async () => {
  await withWheel(async ({ cache, index, requests }) => {
    const program = fileURLToPath(new URL("find_fake_library.ts", import.meta.url));
    const run = () =>
      new Deno.Command(Deno.execPath(), {
        args: ["run", "--allow-all", "--no-check", program, cache, index],
      }).output();
    const ended = await Promise.all([run(), run()]);
    for (const { code, stderr } of ended) {
      assert.equal(code, 0, new TextDecoder().decode(stderr));
    }
    assert.equal(requests.filter((path) => path.endsWith(".whl")).length, 1);
  });
});

Deno.test("the folder that VITRINE_TENSORFLOW names must have both libraries", async () => {
  const folder = await Deno.makeTempDir();
  const before = Deno.env.get("VITRINE_TENSORFLOW");
  Deno.env.set("VITRINE_TENSORFLOW", folder);
  try {
    const { wheel } = fakeWheel();
    await Deno.writeFile(join(folder, wheel.framework.file), FRAMEWORK);
    await assert.rejects(findLibrary(wheel), {
      name: "UserError",
      message: `Cannot find ${join(folder, wheel.cc.file)}, where VITRINE_TENSORFLOW points to`,
    });
    await Deno.writeFile(join(folder, wheel.cc.file), CC);
    assert.equal((await findLibrary(wheel)).cc, join(folder, wheel.cc.file));
  } finally {
    if (before === undefined) Deno.env.delete("VITRINE_TENSORFLOW");
    else Deno.env.set("VITRINE_TENSORFLOW", before);
    await Deno.remove(folder, { recursive: true });
  }
});
