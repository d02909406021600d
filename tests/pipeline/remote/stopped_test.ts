import { deepEqual as equal, ok } from "node:assert/strict";
import { join } from "node:path";
import { parseArtifactRecord } from "../../../pipeline/artifact.ts";
import { realDisk } from "../../../pipeline/disk.ts";
import { fetchFiles } from "../../../pipeline/remote/fetch.ts";
import { HttpBlobs } from "../../../pipeline/remote/http.ts";
import { patienceFor } from "../../../pipeline/remote/request.ts";
import { Store } from "../../../pipeline/store.ts";
import { storePath } from "../../../pipeline/store_names.ts";
import { FaultyServer } from "./faulty_server.ts";
import { files, published, twoMachines } from "./machines.ts";

const LARGE = 3_000_000;
/** Of the large file, so much comes; then nothing. */
const HALF = 1_500_000;

/** Names the whole length, sends half and then is silent. */
function hang(_: Request, __: string, bytes: Uint8Array<ArrayBuffer>): Response | undefined {
  if (bytes.length !== LARGE) return undefined;
  let sent = false;
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (sent) return new Promise(() => {});
      sent = true;
      controller.enqueue(bytes.slice(0, HALF));
    },
  }, { highWaterMark: 0 });
  return new Response(body, { headers: { "content-length": `${LARGE}` } });
}

Deno.test("a run that is killed while it fetches goes on from the byte that it had", async () => {
  await using server = new FaultyServer();
  await using machines = await twoMachines({ files: files(LARGE) });
  const { first, second } = machines;
  const store = { url: server.url, mode: "read" as const };
  await first.run({ store: { ...store, mode: "read-write" } });
  server.fault = hang;
  const child = second.spawn({ store });
  const scratch = "outputs/.store/scratch";
  const part = () =>
    second.list(scratch).flatMap((key) =>
      second.list(`${scratch}/${key}/fetched`).map((name) => `${scratch}/${key}/fetched/${name}`)
    ).find((name) => Deno.statSync(join(second.path, name)).size === HALF);
  while (part() === undefined) await new Promise((resolve) => setTimeout(resolve, 20));
  child.kill("SIGKILL");
  await child.output();
  ok(second.exists(part()!));

  server.fault = () => undefined;
  server.seen.length = 0;
  equal(await second.run({ store }), { files: "restored" });
  equal(published(second), published(first));
  equal(server.seen.flatMap(({ range }) => range ?? []), [`bytes=${HALF}-`]);
  equal(second.list(scratch), []);
});

Deno.test("what was left of a fetch and was then damaged is fetched anew", async () => {
  await using server = new FaultyServer();
  await using machines = await twoMachines({ files: files(LARGE) });
  const { first, second } = machines;
  const store = { url: server.url, mode: "read" as const };
  await first.run({ store: { ...store, mode: "read-write" } });
  const { kind, key, files: { "large.bin": { sha256 } } } = first.json(
    "outputs/demo/files/artifact.json",
  );
  const folder = `outputs/.store/scratch/${kind}-${key}/fetched`;
  for (const left of ["x".repeat(HALF), "x".repeat(LARGE), "x".repeat(LARGE + 1)]) {
    second.write(`${folder}/${sha256}`, left);
    equal(await second.run({ store }), { files: "restored" });
    equal(published(second), published(first));
    equal(second.warnings(), []);
    await Deno.remove(join(second.path, "outputs"), { recursive: true });
  }
});

Deno.test("a server that falls silent is left, and asked again for the rest", async () => {
  await using server = new FaultyServer();
  await using machines = await twoMachines({ files: files(LARGE) });
  const { first, second } = machines;
  await first.run({ store: { url: server.url, mode: "read-write" } });
  let silences = 0;
  server.fault = (...request) => silences++ < 1 ? hang(...request) : undefined;
  server.seen.length = 0;
  using store = await Store.open(realDisk, storePath(second.path), { write: true });
  const record = await parseArtifactRecord(first.read("outputs/demo/files/artifact.json"));
  if ("wrong" in record) throw new Error(record.wrong);
  // The one file that the server is silent about.
  const only = { ...record, files: { "large.bin": record.files["large.bin"] } };
  const { output } = store.openScratch(record.kind, record.key, { warn: () => {} });
  using blobs = new HttpBlobs(server.url);
  await fetchFiles(blobs, store, only, output, {
    progress: () => {},
    signal: new AbortController().signal,
    patience: 300,
  });
  equal(Deno.readFileSync(join(output.path, "large.bin")).length, LARGE);
  equal(server.seen.flatMap(({ range }) => range ?? []), [`bytes=${HALF}-`]);
});

Deno.test("six parts at once are waited for on a line of 4 Mbit/s", () => {
  const part = new Uint8Array(16 << 20);
  ok(patienceFor(part) > 6 * part.length * 8 / 4e6 * 1000);
  ok(patienceFor(undefined) < 60_000);
});
