import { deepStrictEqual as equal, match, ok, rejects } from "node:assert/strict";
import { join } from "node:path";
import { configure, digestsOf, fetchDataset, HubError, planDataset } from "../../hub/mod.ts";
import { MAIN, withDatasets } from "./dataset_server.ts";
import { layoutOf, refuse, sendBytes, sendCut, sha256 } from "./server.ts";

const PETS = { id: "owner/pets", revision: "main" };
const TEST = "data/test-00000-of-00001.parquet";

/** Lets the next plan look at the disk again, as another process would. */
const again = (refresh = false) => configure({ refresh });

async function failure(work: Promise<unknown>): Promise<string> {
  try {
    await work;
  } catch (error) {
    ok(error instanceof HubError, String(error));
    return [error.message, error.hint].filter(Boolean).join("\n");
  }
  throw new Error("no error");
}

Deno.test("a plan asks for the list of files and the card, and fetches no data", async () => {
  await withDatasets(async ({ hub, repository }) => {
    const dataset = await planDataset(PETS);
    equal(hub.asked(), [
      "GET /api/datasets/owner/pets/revision/main",
      `GET /datasets/owner/pets/resolve/${MAIN}/README.md`,
    ]);
    equal(dataset.commit, MAIN);
    equal(dataset.folder, join(repository, "snapshots", MAIN));
    const files = hub.commits[MAIN];
    equal(
      dataset.files.map(({ name, sha256, size }) => [name, sha256, size]),
      Object.keys(files).filter((name) => name.endsWith(".parquet"))
        .map((name) => [name, sha256(files[name]), files[name].length]),
    );
    match(dataset.readme!, /license: cc0-1\.0/);
    // A second process asks nothing, with the network or without.
    again();
    Deno.env.set("HF_HUB_OFFLINE", "1");
    equal(await planDataset(PETS), dataset);
    equal(hub.asked(), []);
  });
});

Deno.test("what is fetched lies as Python's library lays it, and is checked", async () => {
  await withDatasets(async ({ hub, repository }) => {
    const dataset = await planDataset(PETS);
    const wanted = dataset.files.filter(({ name }) => name === TEST);
    const seen: [number, number][] = [];
    await fetchDataset(dataset, wanted, { onProgress: (...at) => seen.push(at) });
    const bytes = hub.commits[MAIN][TEST];
    equal(seen.at(-1), [bytes.length, bytes.length]);
    const layout = layoutOf(repository);
    equal(layout[`snapshots/${MAIN}/${TEST}`], `-> ../../../blobs/${sha256(bytes)}`);
    equal(Deno.readFileSync(join(dataset.folder, TEST)), bytes);
    equal(Object.keys(layout).filter((name) => name.startsWith("blobs/")).length, 2); // README too

    const damaged = bytes.slice();
    damaged[50] ^= 1;
    Deno.writeFileSync(join(repository, "blobs", sha256(bytes)), damaged);
    const words: string[] = [];
    await fetchDataset(dataset, wanted, { warn: (text) => words.push(text) });
    match(words.join(), /is damaged and is fetched again/);
    equal(Deno.readFileSync(join(dataset.folder, TEST)), bytes);
  });
});

Deno.test("a download that is cut goes on where it was; wrong bytes are not kept", async () => {
  await withDatasets(async ({ hub }) => {
    const dataset = await planDataset(PETS);
    const wanted = dataset.files.filter(({ name }) => name === TEST);
    const bytes = hub.commits[MAIN][TEST];
    let cuts = 0;
    hub.fault = (request, path) =>
      path.startsWith("/storage") && cuts++ < 2 ? sendCut(request, bytes, 2000) : undefined;
    hub.asked();
    await fetchDataset(dataset, wanted);
    equal(Deno.readFileSync(join(dataset.folder, TEST)), bytes);
  });
  await withDatasets(async ({ hub }) => {
    const dataset = await planDataset(PETS);
    const wanted = dataset.files.filter(({ name }) => name === TEST);
    const wrong = hub.commits[MAIN][TEST].slice();
    wrong[100] ^= 1;
    hub.fault = (request, path) =>
      path.startsWith("/storage") ? sendBytes(request, wrong) : undefined;
    match(
      await failure(fetchDataset(dataset, wanted)),
      /^Cannot use data\/test.* of the data set "owner\/pets": its SHA-256 is .*\nIt was altered/,
    );
    equal([...Deno.readDirSync(join(dataset.folder, ".."))].length, 1);
    await rejects(Deno.stat(join(dataset.folder, TEST)));
  });
});

Deno.test("a mirror whose list names no digests is asked file by file, once", async () => {
  await withDatasets(async ({ hub }) => {
    hub.blobs = false;
    const dataset = await planDataset(PETS);
    const wanted = dataset.files.filter(({ name }) => name === TEST);
    equal(wanted, [{ name: TEST }]);
    hub.asked();
    const [described] = await digestsOf(dataset, wanted);
    const bytes = hub.commits[MAIN][TEST];
    equal([described.sha256, described.size], [sha256(bytes), bytes.length]);
    equal(hub.asked(), [`HEAD /datasets/owner/pets/resolve/${MAIN}/${TEST}`]);
    again();
    equal((await planDataset(PETS)).files.find(({ name }) => name === TEST), described);
    equal(hub.asked(), []);
  });
});

Deno.test("a revision stands for the same commit until it is refreshed", async () => {
  await withDatasets(async ({ hub }) => {
    await planDataset(PETS);
    const moved = "2".repeat(40);
    hub.commits[moved] = hub.commits[MAIN];
    hub.revisions.main = moved;
    again();
    equal((await planDataset(PETS)).commit, MAIN);
    again(true);
    equal((await planDataset(PETS)).commit, moved);
    again();
    equal((await planDataset({ ...PETS, revision: MAIN })).commit, MAIN);
  });
});

Deno.test("what can't be had is told in a sentence", async () => {
  await withDatasets(async ({ hub }) => {
    const words = async (name = PETS) => {
      again(true);
      return (await failure(planDataset(name))).replaceAll(hub.url, "HUB");
    };
    equal(
      await words({ id: "owner/pest", revision: "main" }),
      'Cannot find the data set "owner/pest" at HUB: there is none, or it is private; check the ' +
        "name, or set HF_TOKEN if it is yours",
    );
    equal(
      await words({ ...PETS, revision: "v9" }),
      'Cannot find the revision "v9" of the data set "owner/pets" at HUB: write a branch, a tag ' +
        "or a commit of it, or leave it out",
    );
    hub.fault = (_, path) => path.endsWith("README.md") ? refuse(401, "GatedRepo") : undefined;
    equal(
      await words(),
      'Cannot read the data set "owner/pets": it is gated; accept its terms at ' +
        "HUB/datasets/owner/pets and set HF_TOKEN to your access token",
    );
    Deno.env.set("HF_TOKEN", "hf_other");
    hub.fault = () => refuse(403, "GatedRepo");
    match(await words(), /and use a token \(HF_TOKEN\) of that account$/);
    ok(hub.seen.some(({ authorization }) => authorization === "Bearer hf_other"));
    Deno.env.delete("HF_TOKEN");
    hub.fault = () => new Response("<html>log in</html>");
    match(await words(), /what answers there is no Hugging Face Hub; check HF_ENDPOINT/);
    hub.fault = () => Response.json({ sha: "../../x", siblings: [] });
    match(await words(), /what answers is no Hugging Face Hub/);
    const siblings = [{ rfilename: "../outside.parquet" }];
    hub.fault = () => Response.json({ sha: MAIN, siblings });
    match(await words(), /its file "\.\.\/outside\.parquet" has a name that is none on every disk/);
    Deno.env.set("HF_HUB_OFFLINE", "1");
    match(await words(), /HF_HUB_OFFLINE is set; unset it to ask the Hub$/);
  });
});
