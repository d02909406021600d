import { deepEqual as equal, match, ok } from "node:assert/strict";
import { sendBytes, sendCut } from "../../hub/server.ts";
import { HttpBlobs } from "../../../pipeline/remote/http.ts";
import type { TestProject } from "../project.ts";
import { FaultyServer } from "./faulty_server.ts";
import { files, published, RAN, RESTORED, twoMachines } from "./machines.ts";

/** Bytes of the large file: several pieces, and the only one that faults are about. */
const LARGE = 3_000_000;
const isLarge = (bytes: Uint8Array) => bytes.length === LARGE;

/** Two machines and a server that has what the first made. */
async function shared(
  test: (place: { server: FaultyServer; first: TestProject; second: TestProject }) => Promise<void>,
): Promise<void> {
  await using server = new FaultyServer();
  await using machines = await twoMachines({ files: files(LARGE) });
  await machines.first.run({ store: { url: server.url, mode: "read-write" } });
  equal(machines.first.warnings(), []);
  server.seen.length = 0;
  await test({ server, ...machines });
}

const read = (server: FaultyServer) => ({ store: { url: server.url, mode: "read" as const } });

Deno.test("a connection that is cut goes on from where it was cut", () =>
  shared(async ({ server, first, second }) => {
    server.fault = (request, _, bytes) =>
      isLarge(bytes) ? sendCut(request, bytes, 1_000_000) : undefined;
    equal(await second.run(read(server)), { files: "restored" });
    equal(published(second), published(first));
    equal(second.warnings(), []);
    const ranges = server.seen.flatMap(({ range }) => range ?? []);
    equal(ranges.length, 2);
    ok(ranges.every((range) => Number(range.match(/\d+/)) >= 900_000), ranges.join());
  }));

Deno.test("a server that knows no ranges sends all of it again", () =>
  shared(async ({ server, first, second }) => {
    let cuts = 0;
    server.fault = (request, _, bytes) => {
      if (!isLarge(bytes)) return undefined;
      if (cuts++ === 0) return sendCut(request, bytes, 1_000_000);
      return new Response(bytes, { headers: { "content-length": `${LARGE}` } });
    };
    equal(await second.run(read(server)), { files: "restored" });
    equal(published(second), published(first));
  }));

Deno.test("an error of the server that passes is tried again, and none of it is said", () =>
  shared(async ({ server, second }) => {
    const failed = new Set<string>();
    server.fault = (_, name) => {
      if (failed.has(name)) return undefined;
      failed.add(name);
      return new Response("busy", { status: 503, headers: { "retry-after": "0" } });
    };
    equal(await second.run(read(server)), { files: "restored" });
    equal(second.warnings(), []);
  }));

Deno.test("a file that always ends too early is said once, and the run goes on", () =>
  shared(async ({ server, second }) => {
    server.fault = (_, __, bytes) =>
      isLarge(bytes) ? new Response(stream(bytes.slice(0, 1000), 1)) : undefined;
    equal(await second.run(read(server)), { files: "ran" });
    equal(second.warnings().length, 1, second.warnings().join("\n"));
    match(second.warnings()[0], /^Cannot fetch from .*: the connection was cut\. The run goes on/);
  }));

Deno.test("an error of the server that stays is said once, and the run goes on", () =>
  shared(async ({ server, second }) => {
    server.fault = () => new Response(null, { status: 500 });
    equal(await second.run(read(server)), { files: "ran" });
    equal(second.warnings().length, 1, second.warnings().join("\n"));
    match(second.warnings()[0], /answers 500 Internal Server Error to GET\. The run goes on/);
  }));

const lies: [
  what: string,
  answer: (request: Request, bytes: Uint8Array<ArrayBuffer>) => Response,
][] = [
  ["other bytes", (request, bytes) => sendBytes(request, bytes.map((byte) => byte ^ 1))],
  ["fewer bytes, and says so", (request, bytes) => sendBytes(request, bytes.slice(0, 1000))],
  ["bytes without an end", (_, bytes) => new Response(stream(bytes, Infinity))],
  ["a page in the file's place", () => new Response("<h1>Welcome</h1>")],
  ["nothing", () => new Response(null, { status: 404 })],
];
for (const [what, answer] of lies) {
  Deno.test(`a server that sends ${what} is not believed: the stage runs`, () =>
    shared(async ({ server, first, second }) => {
      server.fault = (request, _, bytes) =>
        isLarge(bytes) && request.method === "GET" ? answer(request, bytes) : undefined;
      equal(await second.run(read(server)), { files: "ran" });
      equal(second.warnings().length, 1, second.warnings().join("\n"));
      match(second.warnings()[0], /\/cas\/[0-9a-f]{64} is not used: it/);
      equal(large(second), large(first));
      equal(second.list("outputs/.store/scratch"), []);
    }));
}

Deno.test("a description without an end, or a page in its place, is not believed", () =>
  shared(async ({ server, second }) => {
    server.fault = (request, name) =>
      request.method === "GET" && name.startsWith("ac/")
        ? new Response(stream(new TextEncoder().encode(" ".repeat(1 << 20)), Infinity))
        : undefined;
    equal(await second.run({ ...read(server), dryRun: true }), { files: "would run" });
    match(second.warnings()[0], /\/ac\/[0-9a-f]{64} is not used: it is too long/);
    server.fault = () => new Response("<h1>Welcome</h1>");
    equal(await second.run({ ...read(server), dryRun: true }), { files: "would run" });
    match(second.warnings()[0], /\/ac\/[0-9a-f]{64} is not used: artifact.json is not JSON/);
  }));

Deno.test("a redirect is not followed: a token goes to the server that was named alone", async () => {
  await using server = new FaultyServer();
  await using other = new FaultyServer();
  await using machines = await twoMachines();
  server.fault = (_, name) =>
    new Response(null, { status: 302, headers: { location: `${other.url}/${name}` } });
  Deno.env.set("VITRINE_STORE_TOKEN", "sesame");
  try {
    equal(await machines.first.run(read(server)), RAN);
  } finally {
    Deno.env.delete("VITRINE_STORE_TOKEN");
  }
  equal(other.seen, []);
  equal(server.seen.map(({ authorization }) => authorization), ["Bearer sesame"]);
  match(machines.first.warnings()[0], /answers 302 Found to GET: redirects are not followed/);
  ok(!JSON.stringify(machines.first.events).includes("sesame"));
});

Deno.test("user and password of the address are sent, decoded where they can be", async () => {
  await using server = new FaultyServer();
  for (const [written, meant] of [["p%C3%A4ss", "päss"], ["100%", "100%"]]) {
    server.seen.length = 0;
    using blobs = new HttpBlobs(server.url.replace("//", `//me:${written}@`));
    await blobs.stat("ac/k", new AbortController().signal);
    const [{ authorization }] = server.seen;
    const bytes = Uint8Array.fromBase64(authorization!.replace("Basic ", ""));
    equal(new TextDecoder().decode(bytes), `me:${meant}`);
    equal(blobs.address, server.url);
  }
});

Deno.test("a server that is not there is tried for one artifact, not for each", async () => {
  await using machines = await twoMachines();
  const { first } = machines;
  const store = { url: "http://127.0.0.1:9/store", mode: "read-write" as const };
  const program = first.program();
  equal(await first.run({ store, program }), RAN);
  equal(first.warnings().length, 2, first.warnings().join("\n"));
  match(
    first.warnings()[0],
    /^Cannot reach http:\/\/127.0.0.1:9\/store: .*asks it again after 1 min/,
  );
  match(first.warnings()[1], /^4 artifacts were not put/);
  // Another run of the same process, as another point of a sweep is.
  await first.run({ store, program, name: "other" });
  equal(first.warnings().length, 1);
});

Deno.test("what could not be put is put by the next run", async () => {
  await using server = new FaultyServer();
  await using machines = await twoMachines();
  const { first, second } = machines;
  const write = { store: { url: server.url, mode: "read-write" as const } };
  let puts = 0;
  server.fault = ({ method }) =>
    method === "PUT" && ++puts > 3 ? new Response(null, { status: 507 }) : undefined;
  equal(await first.run(write), RAN);
  match(first.warnings()[0], /answers 507 Insufficient Storage to PUT\. Nothing is put there\./);
  server.fault = () => undefined;
  await first.run(write);
  equal(first.warnings(), []);
  equal(await second.run(read(server)), RESTORED);
});

Deno.test("a file that the server kept half of is put again", () =>
  shared(async ({ server, second }) => {
    const [name] = [...server.blobs].find(([, bytes]) => isLarge(bytes))!;
    server.blobs.set(name, new Uint8Array(10));
    for (const key of [...server.blobs.keys()]) if (key.startsWith("ac/")) server.blobs.delete(key);
    equal(await second.run({ store: { url: server.url, mode: "read-write" } }), { files: "ran" });
    equal(server.blobs.get(name)?.length, LARGE);
  }));

Deno.test("a run that is interrupted while it fetches ends at once and goes on the next time", () =>
  shared(async ({ server, first, second }) => {
    const stop = new AbortController();
    server.fault = (_, __, bytes) => {
      if (!isLarge(bytes)) return undefined;
      setTimeout(() => stop.abort(), 100);
      return new Response(stream(bytes.slice(0, 1_000_000), 1, true), {
        headers: { "content-length": `${LARGE}` },
      });
    };
    equal(await second.run({ ...read(server), signal: stop.signal }), { files: "interrupted" });
    server.fault = () => undefined;
    server.seen.length = 0;
    equal(await second.run(read(server)), { files: "restored" });
    equal(published(second), published(first));
    equal(server.seen.flatMap(({ range }) => range ?? []), ["bytes=1000000-"]);
  }));

/** Bytes of the large file in the run's folder. */
function large(project: TestProject): string {
  return project.read("outputs/demo/files/large.bin");
}

/** So many times the same bytes; then the end, or nothing more. */
function stream(bytes: Uint8Array, times: number, hangs = false): ReadableStream<Uint8Array> {
  let sent = 0;
  return new ReadableStream({
    pull(controller) {
      if (sent++ < times) return controller.enqueue(bytes.slice());
      if (!hangs) controller.close();
      else return new Promise(() => {});
    },
  }, { highWaterMark: 0 });
}
