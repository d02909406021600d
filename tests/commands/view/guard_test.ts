import { deepStrictEqual as equal, match } from "node:assert/strict";
import { dirname, join } from "node:path";
import { serveView } from "../../../commands/view/server.ts";
import { Outputs } from "./outputs.ts";

/** A server over a made-up outputs/, asked byte by byte: fetch would mend what is asked. */
async function served(
  test: (
    ask: (path: string, headers?: Record<string, string>, method?: string) => Promise<Answer>,
    outputs: Outputs,
    port: number,
  ) => Promise<void>,
): Promise<void> {
  await using outputs = await Outputs.create();
  outputs.run("first");
  const view = serveView({ outputs: outputs.path, port: 0 });
  const token = new URL(view.address).searchParams.get("token")!;
  const own = { host: `127.0.0.1:${view.port}`, cookie: `vitrine-view-${view.port}=${token}` };
  try {
    await test(
      (path, headers = {}, method = "GET") =>
        request(view.port, method, path, { ...own, ...headers }),
      outputs,
      view.port,
    );
    // The address itself lets in, and goes on without the token.
    const { status, head } = await request(view.port, "GET", `/?token=${token}`, {
      host: own.host,
    });
    equal(status, 303);
    match(head, /^location: \/\r?$/m);
    match(
      head,
      /^set-cookie: vitrine-view-\d+=[0-9a-f]{64}; HttpOnly; SameSite=Strict; Path=\/\r?$/mi,
    );
  } finally {
    await view.close();
  }
}

interface Answer {
  readonly status: number;
  readonly head: string;
  readonly body: string;
}

async function request(
  port: number,
  method: string,
  path: string,
  headers: Readonly<Record<string, string>>,
): Promise<Answer> {
  using connection = await Deno.connect({ hostname: "127.0.0.1", port });
  const lines = Object.entries(headers).filter(([, value]) => value !== "")
    .map(([name, value]) => `${name}: ${value}\r\n`).join("");
  const text = `${method} ${path} HTTP/1.1\r\n${lines}connection: close\r\n\r\n`;
  await connection.write(new TextEncoder().encode(text));
  const whole = await new Response(connection.readable).text();
  const [head, body = ""] = whole.split("\r\n\r\n");
  return { status: Number(head.split(" ")[1]), head: head.toLowerCase(), body };
}

Deno.test("the viewer answers whoever was given its address, and nobody else", async () => {
  await served(async (ask, _outputs, port) => {
    equal((await ask("/")).status, 200);
    equal((await ask("/api/runs")).status, 200);
    equal((await ask("/", { cookie: "" })).status, 401);
    equal(
      (await ask("/api/runs", { cookie: `vitrine-view-${port}=${"0".repeat(64)}` })).status,
      401,
    );
    equal((await ask("/?token=0", { cookie: "" })).status, 401);
    equal((await ask("/files/first/run.json", { cookie: "" })).status, 401);
  });
});

Deno.test("the viewer answers GET alone", async () => {
  await served(async (ask) => {
    for (const method of ["POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH"]) {
      const { status, head } = await ask("/api/runs", {}, method);
      equal([method, status], [method, 405]);
      match(head, /^allow: get\r?$/m);
    }
  });
});

Deno.test("a name that was pointed at 127.0.0.1 is refused (DNS rebinding)", async () => {
  await served(async (ask, _outputs, port) => {
    equal((await ask("/api/runs", { host: `localhost:${port}` })).status, 200);
    for (
      const host of [`evil.example:${port}`, "127.0.0.1", `127.0.0.1:${port + 1}`, `[::1]:${port}`]
    ) {
      equal([host, (await ask("/api/runs", { host })).status], [host, 421]);
    }
  });
});

Deno.test("a page of another origin is refused, also one of another port of this machine", async () => {
  await served(async (ask, _outputs, port) => {
    const own = `http://127.0.0.1:${port}`;
    equal((await ask("/api/runs", { origin: own, "sec-fetch-site": "same-origin" })).status, 200);
    for (
      const headers of [
        { origin: "https://evil.example" },
        { origin: "null" },
        { origin: `http://127.0.0.1:${port + 1}` },
        { "sec-fetch-site": "same-site" },
        { "sec-fetch-site": "cross-site" },
      ] as Record<string, string>[]
    ) {
      const { status, head } = await ask("/api/runs", headers);
      equal([headers, status], [headers, 403]);
      equal(head.includes("access-control-allow"), false);
    }
  });
});

Deno.test("no path leads out of outputs/, however it is written", async () => {
  await served(async (ask, outputs) => {
    const project = dirname(outputs.path);
    Deno.writeTextFileSync(join(project, "secret.json"), "{}");
    Deno.mkdirSync(join(outputs.path, ".store", "train"), { recursive: true });
    outputs.write(".store/train/history.json", '"from the store"');
    Deno.symlinkSync("../.store/train/history.json", join(outputs.path, "first", "linked.json"));
    Deno.symlinkSync("../../secret.json", join(outputs.path, "first", "out.json"));
    Deno.symlinkSync("../..", join(outputs.path, "first", "up"));
    Deno.symlinkSync("loop.json", join(outputs.path, "first", "loop.json"));
    equal((await ask("/files/first/linked.json")).body, '"from the store"');
    const out = [
      "/files/../secret.json",
      "/files/first/../../secret.json",
      "/files/%2e%2e/secret.json",
      "/files/first/%2e%2e%2f%2e%2e%2fsecret.json",
      "/files/first/..%2f..%2fsecret.json",
      "/files/first/..%5c..%5csecret.json",
      "/files/%252e%252e/secret.json",
      "/files//etc/passwd.json",
      `/files/${encodeURIComponent(join(project, "secret.json"))}`,
      "/files/first/out.json",
      "/files/first/up/secret.json",
      "/files/first/loop.json",
      "/files/.store/train/history.json",
      "/files/first/run.json%00.svg",
      "/files/first/%ff.json",
      "/files/first",
      "/files/first/",
      "/../deno.json",
      "/..%2fserver.ts",
    ];
    for (const path of out) equal([path, (await ask(path)).status], [path, 404]);
    const names = [
      "..",
      "../..",
      "first/../..",
      ".store",
      "first/up",
      "first/train/x",
      "%2e%2e",
      "",
    ];
    for (const name of names) {
      const query = encodeURIComponent(name);
      for (const path of ["run", "live", "attention"]) {
        const { status } = await ask(`/api/${path}?name=${query}&stage=..`);
        equal([path, name, status === 400 || status === 404], [path, name, true]);
      }
    }
  });
});

Deno.test("every answer forbids what the page does not need", async () => {
  await served(async (ask) => {
    for (const path of ["/", "/main.ts", "/api/runs", "/files/first/run.json", "/nothing"]) {
      const { head } = await ask(path);
      match(head, /^x-content-type-options: nosniff\r?$/m);
      match(head, /^content-security-policy: default-src 'none'/m);
      match(head, /^cross-origin-resource-policy: same-origin\r?$/m);
      equal(/script-src[^;]*unsafe/.test(head), false);
    }
  });
});

Deno.test("the server ends though a download was begun and is not read on", async () => {
  await using outputs = await Outputs.create();
  outputs.run("first");
  // More than a socket's buffers take.
  await Deno.writeFile(join(outputs.path, "first", "large.safetensors"), new Uint8Array(2 ** 26));
  const view = serveView({ outputs: outputs.path, port: 0 });
  const token = new URL(view.address).searchParams.get("token")!;
  using connection = await Deno.connect({ hostname: "127.0.0.1", port: view.port });
  const head = [
    "GET /files/first/large.safetensors HTTP/1.1",
    `host: 127.0.0.1:${view.port}`,
    `cookie: vitrine-view-${view.port}=${token}`,
  ];
  await connection.write(new TextEncoder().encode(`${head.join("\r\n")}\r\n\r\n`));
  const first = new Uint8Array(64);
  await connection.read(first);
  match(new TextDecoder().decode(first), /^HTTP\/1\.1 200 OK/);
  await view.close(); // without an end the test would hang
});
