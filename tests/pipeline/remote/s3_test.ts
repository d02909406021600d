import { deepEqual as equal, match, ok, rejects, throws } from "node:assert/strict";
import { join } from "node:path";
import { UserError } from "../../../base/errors.ts";
import { Temporary } from "../../../base/retry.ts";
import { textContent } from "../../../pipeline/remote/blobs.ts";
import { S3Blobs, type S3Options } from "../../../pipeline/remote/s3.ts";
import { FaultyServer } from "./faulty_server.ts";
import { sendCut } from "../../hub/server.ts";
import { files, published, RAN, RESTORED, twoMachines } from "./machines.ts";
import { ACCOUNT, account, withS3 } from "./s3_server.ts";

const { signal } = new AbortController();

function open(options: Omit<S3Options, "mode">, env = ACCOUNT, partSize?: number): S3Blobs {
  return new S3Blobs(options, (name) => env[name], partSize);
}

async function text(response: Response | undefined): Promise<string | undefined> {
  return await response?.text();
}

withS3("what is put into a bucket is there, whole and in ranges", async (server) => {
  using blobs = open(server.write);
  equal(await blobs.stat("cas/a", signal), undefined);
  equal(await blobs.get("cas/a", 0, signal), undefined);
  await blobs.put("cas/a", await textContent("hello"), signal);
  equal(await blobs.stat("cas/a", signal), { size: 5 });
  equal(await text(await blobs.get("cas/a", 0, signal)), "hello");
  const rest = await blobs.get("cas/a", 2, signal);
  equal([rest?.status, rest?.headers.get("content-range")], [206, "bytes 2-4/5"]);
  equal(await text(rest), "llo");
  const beyond = await blobs.get("cas/a", 5, signal);
  equal(beyond?.status, 416);
  await beyond?.body?.cancel();
  await blobs.put("cas/a", await textContent("again"), signal);
  equal(await text(await blobs.get("cas/a", 0, signal)), "again");
  await blobs.put("cas/empty", await textContent(""), signal);
  equal(await blobs.stat("cas/empty", signal), { size: 0 });
  equal(server.names(), ["team/cas/a", "team/cas/empty"]);
});

withS3("a prefix may have any characters", async (server) => {
  using blobs = open({ ...server.write, url: "s3://store/a b/ü+(1)!*'/" });
  await blobs.put("ac/k", await textContent("x"), signal);
  equal(await text(await blobs.get("ac/k", 0, signal)), "x");
});

withS3("a large object is put in parts", async (server) => {
  const size = 5 << 20; // the least that S3 takes
  using blobs = open(server.write, ACCOUNT, size);
  const bytes = new Uint8Array(2 * size + 1000);
  for (let i = 0; i < bytes.length; i += 1000) bytes[i] = i / 1000;
  const content = {
    size: bytes.length,
    sha256: "",
    open: () => Promise.resolve(new Blob([bytes]).stream()),
  };
  await blobs.put("cas/large", content, signal);
  equal(await blobs.stat("cas/large", signal), { size: bytes.length });
  const there = new Uint8Array(await (await blobs.get("cas/large", 0, signal))!.arrayBuffer());
  ok(there.every((byte, i) => byte === bytes[i]));
});

withS3("what S3 refuses is said in its own word, and no secret with it", async (server) => {
  const cases: [Omit<S3Options, "mode">, Record<string, string>, RegExp, RegExp][] = [
    [
      server.write,
      { ...ACCOUNT, AWS_SECRET_ACCESS_KEY: "hidden" },
      /answers 403 SignatureDoesNotMatch to (GET|PUT)/,
      /AWS_SECRET_ACCESS_KEY that of/,
    ],
    [
      server.write,
      { ...ACCOUNT, AWS_ACCESS_KEY_ID: "SOMEBODY" },
      /answers 403 InvalidAccessKeyId/,
      /AWS_ACCESS_KEY_ID that of/,
    ],
    [
      { ...server.write, url: "s3://elsewhere/x" },
      ACCOUNT,
      /^s3:\/\/elsewhere\/x at 127.0.0.1:\d+ answers 404 NoSuchBucket/,
      /Make the bucket/,
    ],
  ];
  for (const [options, env, what, hint] of cases) {
    using blobs = open(options, env);
    for (
      const call of [
        async () => await blobs.get("ac/k", 0, signal),
        async () => await blobs.put("ac/k", await textContent("x"), signal),
      ]
    ) {
      await rejects(call, (error: unknown) => {
        ok(error instanceof UserError);
        match(error.message, what);
        match(error.hint!, hint);
        ok(!/hidden|SOMEBODY/.test(`${error.message}${error.hint}`));
        return true;
      });
    }
  }
});

withS3("a public bucket is read without an account", async (server) => {
  using owner = open(server.write);
  await owner.put("ac/k", await textContent("x"), signal);
  using anonymous = open(server.read, {});
  equal(await text(await anonymous.get("ac/k", 0, signal)), "x");
});

withS3(
  "a second machine with an empty store fetches all from the bucket, and nothing runs",
  async (server) => {
    using _ = account();
    await using machines = await twoMachines();
    const { first, second } = machines;
    equal(await first.run({ store: server.write }), RAN);
    ok(server.names().every((name) => /^team\/(cas|ac)\/[0-9a-f]{64}$/.test(name)));
    equal(await second.run({ store: server.read }), RESTORED);
    equal(published(second), published(first));
  },
);

withS3("what was changed in the bucket is not used", async (server) => {
  using _ = account();
  await using machines = await twoMachines({ large: files(100_000) });
  const { first, second } = machines;
  await first.run({ store: server.write });
  const [largest] = server.names().filter((name) => name.includes("/cas/"))
    .filter((name) => Deno.statSync(server.file(name)).size === 100_000);
  Deno.writeFileSync(server.file(largest), new Uint8Array(100_000));
  equal(await second.run({ store: server.read }), { large: "ran" });
  match(second.warnings().join("\n"), /SHA-256/);
});

withS3("two machines that put the same end with one whole artifact", async (server) => {
  using _ = account();
  await using machines = await twoMachines();
  const { first, second } = machines;
  await Promise.all([first, second].map((each) => each.run({ store: server.write })));
  await Deno.remove(join(second.path, "outputs"), { recursive: true });
  equal(await second.run({ store: server.read }), RESTORED);
});

Deno.test("what was cut on the way from a bucket is gone on with", async () => {
  using _ = account();
  await using machines = await twoMachines({ large: files(100_000) });
  const { first, second } = machines;
  await using server = new FaultyServer();
  const shared = { url: "s3://store", endpoint: new URL(server.url).origin };
  await first.run({ store: { ...shared, mode: "read-write" } });
  let cuts = 0;
  server.fault = (request, name, bytes) => {
    if (!name.startsWith("cas/") || bytes.length < 100_000 || cuts++ > 0) return undefined;
    return sendCut(request, bytes, 40_000);
  };
  server.seen.splice(0);
  equal(await second.run({ store: { ...shared, mode: "read" } }), { large: "restored" });
  ok(server.seen.some(({ range }) => /^bytes=[1-9]\d*-$/.test(range ?? "")));
  ok(server.seen.every(({ authorization }) => authorization?.startsWith("AWS4-HMAC-SHA256 ")));
});

/** A request as it came. */
interface Asked {
  readonly method: string;
  readonly query: string;
  readonly headers: Headers;
}

/** A server that answers each request in its turn, and then goes on with the last. */
async function answering(
  answers: Response[],
  test: (endpoint: string, asked: Asked[]) => Promise<void>,
): Promise<void> {
  const asked: Asked[] = [];
  await using server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, (request) => {
    const { method, url, headers } = request;
    asked.push({ method, query: new URL(url).search, headers: new Headers(headers) });
    return (answers.length > 1 ? answers.shift()! : answers[0]).clone();
  });
  await test(`http://127.0.0.1:${server.addr.port}`, asked);
}

function refused(status: number, code: string, headers?: HeadersInit): Response {
  const text = `<?xml version="1.0"?>\n<Error><Code>${code}</Code><Message>m</Message></Error>`;
  return new Response(text, { status, headers });
}

Deno.test("another attempt is worth it after SlowDown, and none after a clock that is wrong", async () => {
  const past = new Date(Date.now() - 3_600_000).toUTCString();
  const cases: [Response, RegExp, RegExp | undefined][] = [
    [refused(503, "SlowDown"), /503 SlowDown to GET/, undefined],
    [refused(400, "RequestTimeout"), /400 RequestTimeout to GET/, undefined],
    [refused(500, "InternalError"), /500 InternalError to GET/, undefined],
    [
      refused(403, "RequestTimeTooSkewed", { date: past }),
      /403 RequestTimeTooSkewed/,
      /clock is ahead of the server's by 60 minutes/,
    ],
    [
      refused(301, "PermanentRedirect", { "x-amz-bucket-region": "eu-central-1" }),
      /301 PermanentRedirect/,
      /write region: eu-central-1/,
    ],
    [refused(400, "ExpiredToken"), /400 ExpiredToken/, /has expired/],
  ];
  for (const [response, what, hint] of cases) {
    await answering([response], async (endpoint) => {
      using blobs = open({ url: "s3://store", endpoint });
      await rejects(blobs.get("ac/k", 0, signal), (error: unknown) => {
        match((error as Error).message, what);
        equal(error instanceof Temporary, hint === undefined);
        if (hint !== undefined) match((error as UserError).hint!, hint);
        return true;
      });
    });
  }
});

Deno.test("who may not list a bucket is told 403 of what is not there, which is a miss", async () => {
  await answering([refused(403, "AccessDenied")], async (endpoint) => {
    using blobs = open({ url: "s3://store", endpoint });
    equal(await blobs.get("ac/k", 0, signal), undefined);
    equal(await blobs.stat("ac/k", signal), undefined);
    await rejects(blobs.put("ac/k", await textContent("x"), signal), /403 AccessDenied to PUT/);
  });
});

Deno.test("an upload in parts that fails at its end is no upload, and is given up", async () => {
  const begun = new Response("<r><UploadId>u1</UploadId></r>");
  const answers = [
    begun,
    new Response(null),
    new Response(null),
    refused(200, "InternalError"),
    new Response(null),
  ];
  await answering(answers, async (endpoint, asked) => {
    using blobs = open({ url: "s3://store", endpoint }, ACCOUNT, 4);
    await rejects(
      blobs.put("cas/x", await textContent("seven b"), signal),
      /InternalError to POST/,
    );
    const calls = asked.map(({ method, query }) => `${method} ${query}`);
    equal(calls, [
      "POST ?uploads=",
      "PUT ?partNumber=1&uploadId=u1",
      "PUT ?partNumber=2&uploadId=u1",
      "POST ?uploadId=u1",
      "DELETE ?uploadId=u1",
    ]);
  });
});

Deno.test("a server without http:// is no address, and its user and password are not said", () => {
  const env = { ...ACCOUNT, AWS_ENDPOINT_URL: "user:hidden@localhost:9000" };
  throws(
    () => open({ url: "s3://store" }, env),
    /^UserError: Cannot use the S3 server localhost:9000/,
  );
});

Deno.test("the account is that of Amazon's own tools, and half of one is refused", async () => {
  const home = await Deno.makeTempDir();
  try {
    Deno.mkdirSync(join(home, ".aws"));
    Deno.writeTextFileSync(
      join(home, ".aws", "credentials"),
      "[default]\naws_access_key_id = ONE\naws_secret_access_key = s1\n\n[team]\naws_access_key_id=TWO\naws_secret_access_key=s2\naws_session_token=t2\n",
    );
    Deno.writeTextFileSync(join(home, ".aws", "config"), "[profile team]\nregion = eu-west-1\n");
    const signed = async (env: Record<string, string>) => {
      let header = "";
      await answering([new Response("x")], async (endpoint, asked) => {
        using blobs = open({ url: "s3://store", endpoint }, env);
        await text(await blobs.get("ac/k", 0, signal));
        const { headers } = asked[0];
        header = /Credential=(\w+\/\d+\/[\w-]+)/.exec(headers.get("authorization") ?? "")?.[1] ??
          "anonymous";
        if (headers.has("x-amz-security-token")) {
          header += ` ${headers.get("x-amz-security-token")}`;
        }
      });
      return header.replace(/\/\d+\//, "/");
    };
    equal(await signed({ ...ACCOUNT, HOME: home, AWS_REGION: "sa-east-1" }), "S3RVER/sa-east-1");
    equal(await signed({ ...ACCOUNT, HOME: home, AWS_PROFILE: "team" }), "S3RVER/eu-west-1");
    equal(await signed({ HOME: home }), "ONE/us-east-1");
    equal(await signed({ HOME: home, AWS_PROFILE: "team" }), "TWO/eu-west-1 t2");
    equal(await signed({ HOME: join(home, "nobody") }), "anonymous");
    await rejects(
      signed({ HOME: home, AWS_PROFILE: "absent" }),
      /has no keys of the profile absent/,
    );
    await rejects(
      signed({ HOME: home, AWS_ACCESS_KEY_ID: "x" }),
      /AWS_SECRET_ACCESS_KEY is not set/,
    );
  } finally {
    await Deno.remove(home, { recursive: true });
  }
});
