import { deepStrictEqual as equal, ok, rejects } from "node:assert/strict";
import { join } from "node:path";
import { configure, fetchModel, HubError, planModel } from "../../hub/mod.ts";
import { isFile } from "../../hub/cache.ts";
import { COMMIT, type FakeHub, refuse, sendBytes, sendCut, sha256, withHub } from "./server.ts";

const MAIN = { id: "owner/vit", revision: "main" };

/** The message that planning with a model ends in; the Hub's address is HUB. */
async function wordsOf(hub: FakeHub, name = MAIN): Promise<string> {
  const url = hub.url;
  configure({ refresh: false });
  try {
    await planModel(name);
  } catch (error) {
    ok(error instanceof HubError, String(error));
    return [error.message, error.hint].filter(Boolean).join("\n").replaceAll(url, "HUB");
  }
  throw new Error("no error");
}

Deno.test("a model that is neither cached nor reachable is told", async () => {
  await withHub(async ({ hub, cache }) => {
    Deno.env.set("HF_HUB_OFFLINE", "1");
    equal(
      await wordsOf(hub),
      `Cannot find config.json of the model "owner/vit" in ${cache}: HF_HUB_OFFLINE is set; ` +
        "unset it to ask the Hub",
    );
    equal(hub.asked(), []);
    Deno.env.delete("HF_HUB_OFFLINE");
    const url = hub.url;
    await hub.stop();
    configure({ refresh: false });
    await rejects(planModel(MAIN), ({ message, hint }: HubError) => {
      ok(message.startsWith(`Cannot reach ${url} for the model "owner/vit": `), message);
      equal(hint, "Check the network, the proxy and HF_ENDPOINT");
      return true;
    });
  });
});

Deno.test("a name that the Hub does not know is told", async () => {
  await withHub(async ({ hub }) => {
    equal(
      await wordsOf(hub, { id: "owner/vti", revision: "main" }),
      'Cannot find the model "owner/vti" at HUB: there is none, or it is private; ' +
        "check the name, or set HF_TOKEN if it is yours",
    );
    equal(
      await wordsOf(hub, { id: "owner/vit", revision: "v9" }),
      'Cannot find the revision "v9" of the model "owner/vit" at HUB: ' +
        "write a branch, a tag or a commit of it, or leave it out",
    );
    // huggingface.co answers so for what is not there where nobody is logged in.
    hub.fault = () => refuse(401);
    equal(
      await wordsOf(hub),
      'Cannot find the model "owner/vit" at HUB: there is none, or it is private; ' +
        "check the name, or set HF_TOKEN if it is yours",
    );
    Deno.env.set("HF_TOKEN", "hf_wrong");
    equal(
      await wordsOf(hub),
      'Cannot read the model "owner/vit" at HUB: it answers 401; ' +
        "the token (HF_TOKEN, or that of hf auth login) is not accepted",
    );
    hub.fault = () => refuse(403, undefined, { "x-error-message": "Not from this network." });
    equal(
      await wordsOf(hub),
      'Cannot read the model "owner/vit" at HUB: it answers 403 (Not from this network.); ' +
        "use a token that may read it",
    );
  });
});

Deno.test("a gated model says where its terms are and that a token is needed", async () => {
  await withHub(async ({ hub }) => {
    hub.fault = (request) =>
      request.headers.has("authorization") ? refuse(403, "GatedRepo") : refuse(401, "GatedRepo");
    equal(
      await wordsOf(hub),
      'Cannot read the model "owner/vit": it is gated; accept its terms at HUB/owner/vit and ' +
        "set HF_TOKEN to your access token",
    );
    Deno.env.set("HF_TOKEN", "hf_other");
    equal(
      await wordsOf(hub),
      'Cannot read the model "owner/vit": it is gated; accept its terms at HUB/owner/vit and ' +
        "use a token (HF_TOKEN) of that account",
    );
    hub.fault = (request) =>
      request.headers.get("authorization") === "Bearer hf_right"
        ? undefined
        : refuse(403, "GatedRepo");
    Deno.env.set("HF_TOKEN", "hf_right");
    configure({ refresh: false });
    equal((await planModel(MAIN)).commit, COMMIT);
  });
});

Deno.test("a token goes to the Hub, from the file that a log-in writes too, and to no storage", async () => {
  await withHub(async ({ hub, folder }) => {
    Deno.mkdirSync(join(folder, "huggingface"));
    Deno.writeTextFileSync(join(folder, "huggingface", "token"), "hf_file\n");
    await fetchModel(await planModel(MAIN));
    const sent = hub.seen.map(({ path, authorization }) =>
      `${path.startsWith("/storage") ? "storage" : "hub"}: ${authorization}`
    );
    equal([...new Set(sent)], ["hub: Bearer hf_file", "storage: null"]);
  });
});

Deno.test("a Hub that is asked too often is asked again when it says", async () => {
  await withHub(async ({ hub }) => {
    let answers = 0;
    const waits = ["0", "1", new Date(0).toUTCString()];
    hub.fault = () =>
      answers < waits.length
        ? refuse(429, undefined, { "retry-after": waits[answers++] })
        : undefined;
    equal((await planModel(MAIN)).commit, COMMIT);
    equal(answers, 3);

    hub.fault = () => refuse(429, undefined, { "retry-after": "0" });
    hub.seen.length = 0;
    equal(
      await wordsOf(hub, { id: "owner/vit", revision: "other" }),
      'Cannot fetch config.json of the model "owner/vit": HUB answers 429, too many requests\n' +
        "Try again later, or set HF_TOKEN for a higher limit",
    );
    equal(hub.seen.length, 4);

    hub.fault = () => refuse(429, undefined, { "retry-after": "3000" });
    equal(
      await wordsOf(hub, { id: "owner/vit", revision: "other" }),
      'Cannot fetch config.json of the model "owner/vit": HUB answers 429, too many requests and ' +
        "asks to wait 3000 seconds\nTry again later, or set HF_TOKEN for a higher limit",
    );
  });
});

Deno.test("a Hub that fails once is asked again", async () => {
  await withHub(async ({ hub }) => {
    let failures = 1;
    hub.fault = () => failures-- > 0 ? refuse(503) : undefined;
    equal((await planModel(MAIN)).commit, COMMIT);
  });
});

Deno.test("what answers but is no Hub is told", async () => {
  await withHub(async ({ hub }) => {
    hub.fault = () => new Response("<html>Log in to the network</html>");
    equal(
      await wordsOf(hub),
      'Cannot read the model "owner/vit" at HUB: what answers there is no Hugging Face Hub ' +
        "(X-Repo-Commit is missing); check HF_ENDPOINT and the proxy",
    );
    hub.fault = (request) => Response.redirect(request.url);
    equal(
      await wordsOf(hub),
      'Cannot fetch config.json of "owner/vit": HUB redirects without an end; check HF_ENDPOINT',
    );
    Deno.env.set("HF_ENDPOINT", "huggingface.co");
    configure({ refresh: false });
    await rejects(planModel(MAIN), {
      message: 'Cannot use HF_ENDPOINT="huggingface.co": ' +
        "it must be an address such as https://huggingface.co",
    });
  });
});

Deno.test("a repository that was renamed, or lies behind a mirror, is followed there", async () => {
  await withHub(async ({ hub }) => {
    Deno.env.set("HF_ENDPOINT", `${hub.url}/mirror/`);
    hub.fault = (_, path) =>
      path.startsWith("/mirror/old/")
        ? new Response(null, {
          status: 307,
          headers: { location: path.replace("/mirror/old/", "/owner/"), etag: '"of the redirect"' },
        })
        : undefined;
    const model = await planModel({ id: "old/vit", revision: "main" });
    await fetchModel(model);
    equal(model.commit, COMMIT);
    equal(isFile(join(model.folder, "model.safetensors")), true);
  });
});

Deno.test("a repository of pickled weights is refused with the words to convert it", async () => {
  await withHub(async ({ hub }) => {
    delete hub.files["model.safetensors"];
    hub.add("pytorch_model.bin", new Uint8Array([0x80, 2]), true);
    equal(
      await wordsOf(hub),
      'Cannot use the model "owner/vit": its weights are pickled (pytorch_model.bin), which can run ' +
        "code and is not read\nConvert them in Python with AutoModelForImageClassification" +
        '.from_pretrained("owner/vit").save_pretrained("FOLDER") and name FOLDER instead',
    );
    ok(!hub.asked().some((path) => path.startsWith("GET") && path.endsWith(".bin")));
    delete hub.files["pytorch_model.bin"];
    equal(await wordsOf(hub), 'Cannot use the model "owner/vit": it has no model.safetensors');
    delete hub.files["config.json"];
    hub.revisions.empty = "e".repeat(40);
    equal(
      await wordsOf(hub, { id: "owner/vit", revision: "empty" }),
      'Cannot use the model "owner/vit@empty": it has no config.json, so it is no model of ' +
        "Transformers",
    );
  });
});

Deno.test("a download that is cut goes on where it was", async () => {
  await withHub(async ({ hub }) => {
    const { bytes } = hub.files["model.safetensors"];
    const most = Math.ceil(bytes.length / 9); // more cuts than attempts without a step forward
    hub.fault = (request, path) =>
      path.startsWith("/storage") ? sendCut(request, bytes, most) : undefined;
    const model = await planModel(MAIN);
    hub.seen.length = 0;
    await fetchModel(model);
    equal(Deno.readFileSync(join(model.folder, "model.safetensors")), bytes);
    const ranges = hub.seen.filter(({ path }) => path.startsWith("/storage")).map((s) => s.range);
    equal(ranges[0], null);
    ok(ranges.length > 6 && ranges.slice(1).every((range) => /^bytes=[1-9]\d*-$/.test(range!)));
  });
});

Deno.test("what a killed download left is gone on with, and thrown away if it was another file's", async () => {
  await withHub(async ({ hub, repository }) => {
    const { bytes } = hub.files["model.safetensors"];
    const model = await planModel(MAIN);
    const incomplete = join(repository, "blobs", `${sha256(bytes)}.incomplete`);
    const storage = () => hub.seen.filter(({ path }) => path.startsWith("/storage"));
    const weights = join(model.folder, "model.safetensors");
    const remove = () => Deno.removeSync(join(repository, "blobs", sha256(bytes)));
    const cases: [left: Uint8Array, ranges: (string | null)[]][] = [
      [bytes.slice(0, 1000), ["bytes=1000-"]],
      [bytes, []],
      [new Uint8Array(1000), ["bytes=1000-", null]], // of the right length, of another file
      [new Uint8Array(bytes.length), [null]],
      [new Uint8Array(bytes.length + 1), [null]],
    ];
    for (const [left, ranges] of cases) {
      Deno.writeFileSync(incomplete, left);
      hub.seen.length = 0;
      await fetchModel(model);
      equal(storage().map(({ range }) => range), ranges);
      equal(Deno.readFileSync(weights), bytes);
      equal(isFile(incomplete), false);
      remove();
    }
  });
});

Deno.test("a file that is not what the Hub says leaves nothing behind", async () => {
  await withHub(async ({ hub, repository }) => {
    const { bytes } = hub.files["model.safetensors"];
    const model = await planModel(MAIN);
    const wrong = bytes.slice();
    wrong[wrong.length - 1] ^= 1;
    for (
      const [sent, fault] of [
        [wrong, `its SHA-256 is ${sha256(wrong)}, not ${sha256(bytes)}`],
        [new Uint8Array([...bytes, 0]), `it has ${bytes.length + 1} bytes, not ${bytes.length}`],
      ] as const
    ) {
      hub.fault = (request, path) =>
        path.startsWith("/storage") ? sendBytes(request, sent) : undefined;
      await rejects(fetchModel(model), {
        name: "HubError",
        message: `Cannot use model.safetensors of the model "owner/vit": ${fault}`,
        hint: "It was altered on the way and not kept: run it again",
      });
      const left = [...Deno.readDirSync(join(repository, "blobs"))].map(({ name }) => name);
      equal(left.filter((name) => name.startsWith(sha256(bytes))), []);
    }
    // Descriptions are known by git's digest.
    hub.fault = (request, path) =>
      path.endsWith("/config.json") && request.method === "GET"
        ? sendBytes(request, new TextEncoder().encode("{}"))
        : undefined;
    hub.revisions.other = "a".repeat(40);
    Deno.removeSync(join(repository, "blobs"), { recursive: true });
    const words = await wordsOf(hub, { id: "owner/vit", revision: "other" });
    ok(/^Cannot use config\.json of the model "owner\/vit": it has 2 bytes, not \d+/.test(words));
  });
});

Deno.test("a download that is stopped keeps what it has", async () => {
  await withHub(async ({ hub, repository }) => {
    const { bytes } = hub.files["model.safetensors"];
    const model = await planModel(MAIN);
    const stop = new AbortController();
    const reason = new Error("stopped");
    hub.fault = (request, path) =>
      path.startsWith("/storage") ? sendCut(request, bytes, 1000) : undefined;
    const onProgress = (done: number) => done >= 2000 && stop.abort(reason);
    await rejects(fetchModel(model, { signal: stop.signal, onProgress }), reason);
    const left = Deno.readFileSync(join(repository, "blobs", `${sha256(bytes)}.incomplete`));
    ok(left.length >= 2000);
    equal(left, bytes.slice(0, left.length));
  });
});

Deno.test({
  name: "a disk that is full is told, with its path",
  ignore: Deno.build.os !== "linux",
  async fn() {
    await withHub(async ({ hub, repository }) => {
      const model = await planModel(MAIN);
      const blob = join(repository, "blobs", sha256(hub.files["model.safetensors"].bytes));
      Deno.symlinkSync("/dev/full", `${blob}.incomplete`);
      await rejects(fetchModel(model), {
        name: "HubError",
        message: `Cannot write ${blob}: the disk is full; ` +
          "make room, or set HF_HOME to a folder on another disk",
      });
    });
  },
});
