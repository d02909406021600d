import { deepStrictEqual as equal, ok, rejects } from "node:assert/strict";
import { join } from "node:path";
import { configure, fetchModel, planModel } from "../../hub/mod.ts";
import { COMMIT, gitDigest, layoutOf, sha256, withHub } from "./server.ts";

const MAIN = { id: "owner/vit", revision: "main" };

/** Lets the next plan look at the disk again, as another process would. */
const again = (refresh = false) => configure({ refresh });

Deno.test("a plan fetches the descriptions of a model and not its weights", async () => {
  await withHub(async ({ hub, repository }) => {
    const model = await planModel(MAIN);
    equal(hub.asked(), [
      "HEAD /owner/vit/resolve/main/config.json",
      `GET /owner/vit/resolve/${COMMIT}/config.json`,
      `HEAD /owner/vit/resolve/${COMMIT}/preprocessor_config.json`,
      `GET /owner/vit/resolve/${COMMIT}/preprocessor_config.json`,
      `HEAD /owner/vit/resolve/${COMMIT}/model.safetensors`,
    ]);
    const weights = hub.files["model.safetensors"].bytes;
    equal(model.commit, COMMIT);
    equal(model.folder, join(repository, "snapshots", COMMIT));
    equal(model.files.map(({ name }) => name), [
      "config.json",
      "model.safetensors",
      "preprocessor_config.json",
    ]);
    equal(model.files[1].sha256, sha256(weights));
    equal(model.files[1].size, weights.length);
  });
});

Deno.test("what was fetched lies as Python's library lays it", async () => {
  await withHub(async ({ hub, cache }) => {
    await fetchModel(await planModel(MAIN));
    const expected: Record<string, string> = {};
    const repository = "models--owner--vit";
    expected[`${repository}/refs/main`] = "40 bytes";
    for (const [name, { bytes, large }] of Object.entries(hub.files)) {
      const etag = large ? sha256(bytes) : gitDigest(bytes);
      expected[`${repository}/blobs/${etag}`] = `${bytes.length} bytes`;
      expected[`${repository}/snapshots/${COMMIT}/${name}`] = `-> ../../blobs/${etag}`;
      expected[`.locks/${repository}/${etag}.lock`] = `${`${Deno.pid}\n`.length} bytes`;
    }
    equal(layoutOf(cache), expected);
    equal(Deno.readTextFileSync(join(cache, repository, "refs/main")), COMMIT);
    const weights = join(cache, repository, "snapshots", COMMIT, "model.safetensors");
    equal(Deno.readFileSync(weights), hub.files["model.safetensors"].bytes);
  });
});

Deno.test("a second plan needs no network, whether or not the weights are there", async () => {
  await withHub(async ({ hub }) => {
    const first = await planModel(MAIN);
    await hub.stop();
    again();
    equal(await planModel(MAIN), first);
  });
  await withHub(async ({ hub }) => {
    const first = await planModel(MAIN);
    await fetchModel(first);
    await hub.stop();
    again();
    const second = await planModel(MAIN);
    const digests = (files: typeof first.files) => files.map(({ name, sha256 }) => [name, sha256]);
    equal(digests(second.files), digests(first.files));
    await fetchModel(second);
  });
});

Deno.test("what Python downloaded is used, offline too", async () => {
  await withHub(async ({ hub, repository }) => {
    const files = Object.entries(hub.files);
    await hub.stop();
    Deno.env.set("HF_HUB_OFFLINE", "1");
    const snapshot = join(repository, "snapshots", COMMIT);
    for (const folder of ["blobs", "refs", `snapshots/${COMMIT}`]) {
      Deno.mkdirSync(join(repository, folder), { recursive: true });
    }
    Deno.writeTextFileSync(join(repository, "refs/main"), COMMIT);
    for (const [name, { bytes, large }] of files) {
      const etag = large ? sha256(bytes) : gitDigest(bytes);
      Deno.writeFileSync(join(repository, "blobs", etag), bytes);
      Deno.symlinkSync(`../../blobs/${etag}`, join(snapshot, name));
    }
    const model = await planModel(MAIN);
    await fetchModel(model);
    equal(model.files[1].sha256, sha256(hub.files["model.safetensors"].bytes));
  });
});

Deno.test("a model without preprocessor_config.json is not asked for it twice", async () => {
  await withHub(async ({ hub, repository }) => {
    delete hub.files["preprocessor_config.json"];
    const model = await planModel(MAIN);
    equal(model.files.map(({ name }) => name), ["config.json", "model.safetensors"]);
    ok(Deno.statSync(join(repository, ".no_exist", COMMIT, "preprocessor_config.json")).isFile);
    hub.asked();
    again();
    await planModel(MAIN);
    equal(hub.asked(), []);
  });
});

Deno.test("a name stands for the same commit until it is refreshed", async () => {
  await withHub(async ({ hub, repository }) => {
    await planModel(MAIN);
    const moved = "f".repeat(40);
    hub.revisions.main = moved;
    again();
    equal((await planModel(MAIN)).commit, COMMIT);
    again(true);
    equal((await planModel(MAIN)).commit, moved);
    equal(Deno.readTextFileSync(join(repository, "refs/main")), moved);
    again();
    equal((await planModel(MAIN)).commit, moved);
  });
});

Deno.test("a revision may be a tag, a pull request or a commit", async () => {
  await withHub(async ({ hub, repository }) => {
    hub.revisions["refs/pr/1"] = "1".repeat(40);
    const model = await planModel({ id: "owner/vit", revision: "refs/pr/1" });
    equal(model.commit, "1".repeat(40));
    equal(Deno.readTextFileSync(join(repository, "refs/refs/pr/1")), "1".repeat(40));
    hub.asked();
    equal((await planModel({ id: "owner/vit", revision: COMMIT })).commit, COMMIT);
    ok(hub.asked().every((path) => path.includes(COMMIT)), "a commit needs no resolving");
    equal([...Deno.readDirSync(join(repository, "refs"))].map(({ name }) => name), ["refs"]);
  });
});

Deno.test("weights may come in shards with an index", async () => {
  await withHub(async ({ hub }) => {
    const model = await planModel(MAIN);
    const shards = Object.keys(hub.files).filter((name) => /-of-/.test(name)).sort();
    equal(
      model.files.map(({ name }) => name),
      ["config.json", ...shards, "model.safetensors.index.json", "preprocessor_config.json"],
    );
    const seen: [number, number][] = [];
    await fetchModel(model, { onProgress: (...at) => seen.push(at) });
    const total = shards.reduce((sum, name) => sum + hub.files[name].bytes.length, 0);
    equal(seen[0], [0, total]);
    equal(seen.at(-1), [total, total]);
    for (const name of shards) {
      equal(Deno.readFileSync(join(model.folder, name)), hub.files[name].bytes);
    }
  }, "vit-sharded");
});

Deno.test("weights outside large file storage are fetched for their digest", async () => {
  await withHub(async ({ hub }) => {
    hub.add("model.safetensors", hub.files["model.safetensors"].bytes, false);
    const model = await planModel(MAIN);
    equal(model.files[1].sha256, undefined);
    equal(
      Deno.readFileSync(join(model.folder, "model.safetensors")),
      hub.files["model.safetensors"].bytes,
    );
  });
});

Deno.test("weights that were damaged in the cache are fetched again, with a word", async () => {
  await withHub(async ({ hub, repository }) => {
    const model = await planModel(MAIN);
    await fetchModel(model);
    const { bytes } = hub.files["model.safetensors"];
    const blob = join(repository, "blobs", sha256(bytes));
    const damaged = bytes.slice();
    damaged[1000] ^= 1;
    Deno.writeFileSync(blob, damaged);
    const words: string[] = [];
    await fetchModel(model, { warn: (text) => words.push(text) });
    equal(Deno.readFileSync(blob), bytes);
    equal(words.length, 1);
    ok(
      /^model\.safetensors in the cache is damaged and is fetched again: its SHA-256/.test(
        words[0],
      ),
    );
  });
});

Deno.test("two that want a file at once fetch it once", async () => {
  await withHub(async ({ hub }) => {
    const model = await planModel(MAIN);
    hub.asked();
    await Promise.all([fetchModel(model), fetchModel(model)]);
    equal(hub.asked().filter((path) => path.includes("storage")).length, 1);
  });
});

Deno.test("HF_HUB_CACHE goes before HF_HOME", async () => {
  await withHub(async ({ folder }) => {
    Deno.env.set("HF_HUB_CACHE", join(folder, "elsewhere"));
    const model = await planModel(MAIN);
    equal(model.folder, join(folder, "elsewhere", "models--owner--vit", "snapshots", COMMIT));
  });
});

Deno.test("names that come from outside never lead out of the cache", async () => {
  const outside = "../../../../outside";
  const wrong: Record<string, Record<string, string>> = {
    commit: { "x-repo-commit": outside, etag: '"abc"' },
    etag: { "x-repo-commit": COMMIT, etag: `"${outside}"` },
    "linked etag": { "x-repo-commit": COMMIT, etag: '"abc"', "x-linked-etag": `"${outside}"` },
  };
  for (const [what, headers] of Object.entries(wrong)) {
    await withHub(async ({ hub, folder }) => {
      hub.fault = () => new Response(null, { headers });
      await rejects(planModel(MAIN), /is neither a commit nor a digest/, what);
      equal(Object.keys(layoutOf(folder)).filter((path) => path.includes("outside")), []);
    });
  }
  await withHub(async ({ hub }) => {
    const index = { weight_map: { "vit.layernorm.bias": `${outside}.safetensors` } };
    delete hub.files["model-00001-of-00003.safetensors"];
    hub.add("model.safetensors.index.json", new TextEncoder().encode(JSON.stringify(index)));
    await rejects(
      planModel(MAIN),
      /outside\.safetensors" for "vit\.layernorm\.bias" in its weight_map, which is no file name$/,
    );
  }, "vit-sharded");
  await withHub(async ({ hub, repository }) => {
    Deno.mkdirSync(join(repository, "refs"), { recursive: true });
    Deno.writeTextFileSync(join(repository, "refs/main"), outside);
    equal((await planModel(MAIN)).commit, COMMIT);
    equal(hub.asked()[0], "HEAD /owner/vit/resolve/main/config.json");
  });
});
