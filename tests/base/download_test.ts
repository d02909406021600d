import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { download } from "../../base/download.ts";
import { UserError } from "../../base/errors.ts";

const BODY = new TextEncoder().encode("Dosovitskiy et al. 2021. ".repeat(20_000)); // 500,000 bytes
const SHA256 = createHash("sha256").update(BODY).digest("hex");

/** A server on this machine, its requests, and a folder for what is fetched. */
async function withServer(
  answer: (request: Request, count: number) => Response | Promise<Response>,
  test: (place: { url: string; to: string; ranges: (string | null)[] }) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  const ranges: (string | null)[] = [];
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (request) => {
    ranges.push(request.headers.get("range"));
    return answer(request, ranges.length);
  });
  try {
    await test({
      url: `http://127.0.0.1:${server.addr.port}/file`,
      to: join(folder, "file"),
      ranges,
    });
  } finally {
    await server.shutdown();
    await Deno.remove(folder, { recursive: true });
  }
}

/** Answers with the bytes from the one that the request names. */
function serve(request: Request, body = BODY): Response {
  const range = request.headers.get("range")?.match(/^bytes=(\d+)-$/);
  if (!range) return new Response(body, { headers: { "content-length": `${body.length}` } });
  const start = Number(range[1]);
  if (start >= body.length) return new Response(null, { status: 416 });
  return new Response(body.slice(start), {
    status: 206,
    headers: { "content-range": `bytes ${start}-${body.length - 1}/${body.length}` },
  });
}

/** A server on a bare socket that names a length and closes after half of it, every time. */
function cuttingServer(): { url: string; requests: string[]; close: () => Promise<void> } {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const requests: string[] = [];
  const ended = (async () => {
    for await (const connection of listener) {
      const buffer = new Uint8Array(4096);
      const text = new TextDecoder().decode(buffer.subarray(0, await connection.read(buffer) ?? 0));
      const start = Number(text.match(/range: bytes=(\d+)-/i)?.[1] ?? 0);
      requests.push(text.match(/range: (.*)\r/i)?.[1] ?? "");
      const head = `HTTP/1.1 ${start ? "206 Partial Content" : "200 OK"}\r\n` +
        (start ? `content-range: bytes ${start}-${BODY.length - 1}/${BODY.length}\r\n` : "") +
        `content-length: ${BODY.length - start}\r\n\r\n`;
      await connection.write(new TextEncoder().encode(head));
      const half = BODY.subarray(start, start + Math.floor((BODY.length - start) / 2));
      for (let at = 0; at < half.length;) at += await connection.write(half.subarray(at));
      connection.close();
    }
  })();
  const { port } = listener.addr as Deno.NetAddr;
  return {
    url: `http://127.0.0.1:${port}/file`,
    requests,
    close: async () => {
      listener.close();
      await ended;
    },
  };
}

Deno.test("a file is fetched whole, with its progress", async () => {
  await withServer((request) => serve(request), async ({ url, to }) => {
    const seen: [number, number][] = [];
    await download({ url, to, sha256: SHA256, onProgress: (...at) => seen.push(at) });
    assert.deepEqual(await Deno.readFile(to), BODY);
    assert.deepEqual(seen[0], [0, 500_000]);
    assert.deepEqual(seen.at(-1), [500_000, 500_000]);
  });
});

Deno.test("a file that is there and right is not fetched again", async () => {
  await withServer((request) => serve(request), async ({ url, to, ranges }) => {
    await Deno.writeFile(to, BODY);
    await download({ url, to, sha256: SHA256 });
    assert.deepEqual(ranges, []);
  });
});

Deno.test("a part that is there is not fetched again", async () => {
  await withServer((request) => serve(request), async ({ url, to, ranges }) => {
    await Deno.writeFile(`${to}.part`, BODY.subarray(0, 123_456));
    await download({ url, to, sha256: SHA256 });
    assert.deepEqual(ranges, ["bytes=123456-"]);
    assert.deepEqual(await Deno.readFile(to), BODY);
  });
});

Deno.test("a part of another file is thrown away", async () => {
  await withServer((request) => serve(request), async ({ url, to, ranges }) => {
    await Deno.writeFile(`${to}.part`, new Uint8Array(1000));
    await download({ url, to, sha256: SHA256 });
    assert.deepEqual(ranges, ["bytes=1000-", null]);
    assert.deepEqual(await Deno.readFile(to), BODY);
  });
});

Deno.test("a part longer than the file is thrown away", async () => {
  await withServer((request) => serve(request), async ({ url, to, ranges }) => {
    await Deno.writeFile(`${to}.part`, new Uint8Array(600_000));
    await download({ url, to, sha256: SHA256 });
    assert.deepEqual(ranges, ["bytes=600000-", null]);
    assert.deepEqual(await Deno.readFile(to), BODY);
  });
});

Deno.test("a server that knows no ranges sends the file from its start", async () => {
  const whole = () => new Response(BODY, { headers: { "content-length": `${BODY.length}` } });
  await withServer(whole, async ({ url, to }) => {
    await Deno.writeFile(`${to}.part`, BODY.subarray(0, 1000));
    await download({ url, to, sha256: SHA256 });
    assert.deepEqual(await Deno.readFile(to), BODY);
  });
});

for (const range of ["bytes 0-499999/500000", "bytes 999-499999/500000", undefined]) {
  Deno.test(`an answer to another range than was asked for is not used: ${range}`, async () => {
    const stubborn = (request: Request) =>
      request.headers.has("range")
        ? new Response(BODY.slice(1000), {
          status: 206,
          headers: range ? { "content-range": range } : {},
        })
        : serve(request);
    await withServer(stubborn, async ({ url, to, ranges }) => {
      await Deno.writeFile(`${to}.part`, BODY.subarray(0, 1000));
      await download({ url, to, sha256: SHA256 });
      assert.deepEqual(ranges, ["bytes=1000-", null]);
      assert.deepEqual(await Deno.readFile(to), BODY);
    });
  });
}

Deno.test("a part that is whole already is only checked", async () => {
  await withServer((request) => serve(request), async ({ url, to, ranges }) => {
    await Deno.writeFile(`${to}.part`, BODY);
    await download({ url, to, sha256: SHA256, size: BODY.length });
    assert.deepEqual(ranges, []);
    assert.deepEqual(await Deno.readFile(to), BODY);
  });
});

Deno.test("a length that is not the file's is an error before a byte is written", async () => {
  await withServer((request) => serve(request), async ({ url, to }) => {
    await assert.rejects(download({ url, to, sha256: SHA256, size: 1000 }), {
      name: "UserError",
      message: `Cannot use ${url}: it has 500000 bytes, not 1000`,
    });
    await assert.rejects(Deno.stat(`${to}.part`), Deno.errors.NotFound);
  });
});

Deno.test("a server that never ends is left when it has sent too much", async () => {
  let sent = 0;
  const endless = () =>
    new Response(
      new ReadableStream({
        pull(controller) {
          controller.enqueue(BODY.slice(0, 10_000));
          sent += 10_000;
        },
      }),
    );
  await withServer(endless, async ({ url, to }) => {
    await assert.rejects(download({ url, to, sha256: SHA256, size: 25_000 }), {
      name: "UserError",
      message: `Cannot use ${url}: it has more than 25000 bytes`,
    });
    assert.ok(sent < 1e8, `${sent} bytes`);
    await assert.rejects(Deno.stat(`${to}.part`), Deno.errors.NotFound);
  });
});

Deno.test("a server that fails once is asked again", async () => {
  const flaky = (request: Request, count: number) =>
    count === 1 ? new Response(null, { status: 503 }) : serve(request);
  await withServer(flaky, async ({ url, to }) => {
    await download({ url, to, sha256: SHA256 });
    assert.deepEqual(await Deno.readFile(to), BODY);
  });
});

Deno.test("a wrong digest is an error and nothing is kept", async () => {
  await withServer((request) => serve(request), async ({ url, to, ranges }) => {
    await assert.rejects(download({ url, to, sha256: "0".repeat(64) }), (error: UserError) => {
      assert.ok(error instanceof UserError);
      assert.equal(
        error.message,
        `Cannot use ${url}: its SHA-256 is ${SHA256}, not ${"0".repeat(64)}`,
      );
      return true;
    });
    assert.equal(ranges.length, 1);
    await assert.rejects(Deno.stat(to), Deno.errors.NotFound);
    await assert.rejects(Deno.stat(`${to}.part`), Deno.errors.NotFound);
  });
});

Deno.test("what the server does not have is an error at once", async () => {
  const missing = () => new Response(null, { status: 404, statusText: "Not Found" });
  await withServer(missing, async ({ url, to, ranges }) => {
    await assert.rejects(download({ url, to, sha256: SHA256 }), {
      name: "UserError",
      message: `Cannot download ${url}: the server answered 404 Not Found`,
    });
    assert.equal(ranges.length, 1);
  });
});

Deno.test("a connection that is cut every time is an error, and the part stays for the next call", async () => {
  const folder = await Deno.makeTempDir();
  const to = join(folder, "file");
  const server = cuttingServer();
  try {
    await assert.rejects(download({ url: server.url, to, sha256: SHA256 }), {
      name: "UserError",
      // Halves of what is left: 250,000, 125,000, 62,500 and 31,250 bytes.
      message: `Cannot download ${server.url} after 468750 bytes: the connection was cut`,
    });
    assert.deepEqual(server.requests, ["", "bytes=250000-", "bytes=375000-", "bytes=437500-"]);
    await assert.rejects(Deno.stat(to), Deno.errors.NotFound);
    assert.deepEqual(await Deno.readFile(`${to}.part`), BODY.subarray(0, 468_750));
  } finally {
    await server.close();
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("a host that does not answer is an error that says so", async () => {
  const folder = await Deno.makeTempDir();
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr as Deno.NetAddr;
  listener.close();
  await assert.rejects(
    download({ url: `http://127.0.0.1:${port}/file`, to: join(folder, "file"), sha256: SHA256 }),
    { name: "UserError", message: /^Cannot download http:.*: .*Connection refused/ },
  );
  await Deno.remove(folder, { recursive: true });
});

Deno.test("a download that is called off stops", async () => {
  const slow = () => new Response(new ReadableStream({ start: (c) => c.enqueue(BODY) }));
  await withServer(slow, async ({ url, to }) => {
    const caller = new AbortController();
    const onProgress = (done: number) => {
      if (done === BODY.length) caller.abort(new Error("called off"));
    };
    await assert.rejects(
      download({ url, to, sha256: SHA256, onProgress, signal: caller.signal }),
      { message: "called off" },
    );
    await assert.rejects(Deno.stat(to), Deno.errors.NotFound);
  });
});

Deno.test("two that want one file fetch it once", async () => {
  await withServer((request) => serve(request), async ({ url, to, ranges }) => {
    await Promise.all([
      download({ url, to, sha256: SHA256 }),
      download({ url, to, sha256: SHA256 }),
    ]);
    assert.equal(ranges.length, 1);
  });
});
