import { join } from "node:path";
import type { SharedStoreOptions } from "../../../pipeline/elsewhere_schema.ts";

/** A real S3 server from npm, which checks signatures of version 4; s3rver itself does not. */
const PACKAGE = "@20minutes/s3rver@5.0.0";
const PROGRAM = `import S3rver from "npm:${PACKAGE}";
const [directory, port] = Deno.args;
const settings = { address: "127.0.0.1", vhostBuckets: false, silent: true };
const bucket = { configureBuckets: [{ name: "store" }] };
if (port) await new S3rver({ ...settings, ...bucket, directory, port: Number(port) }).run();
`;

/** What the server takes for its account. */
export const ACCOUNT: Readonly<Record<string, string>> = {
  AWS_ACCESS_KEY_ID: "S3RVER",
  AWS_SECRET_ACCESS_KEY: "S3RVER",
};

/** The environment of this process for as long as a test runs. */
export function account(values = ACCOUNT): Disposable {
  const before = Object.keys(values).map((name) => [name, Deno.env.get(name)] as const);
  for (const [name, value] of Object.entries(values)) Deno.env.set(name, value);
  return {
    [Symbol.dispose]() {
      for (const [name, value] of before) {
        if (value === undefined) Deno.env.delete(name);
        else Deno.env.set(name, value);
      }
    },
  };
}

/** A bucket, `store`, of a server on this machine alone. */
export interface S3Server extends AsyncDisposable {
  /** Its address: http://127.0.0.1:PORT */
  readonly endpoint: string;
  readonly read: Extract<SharedStoreOptions, { url: string }>;
  readonly write: Extract<SharedStoreOptions, { url: string }>;
  /** What the bucket holds, by name. */
  names(): string[];
  /** Where an object's bytes are. */
  file(name: string): string;
}

const home = await Deno.makeTempDir({ prefix: "vitrine-s3-" });
globalThis.addEventListener("unload", () => Deno.removeSync(home, { recursive: true }));
const program = join(home, "server.js");
Deno.writeTextFileSync(program, PROGRAM);

function serve(...values: string[]): Deno.Command {
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-lock", "--no-config", "--quiet", "-A", program, ...values],
    cwd: home,
    stdout: "null",
    stderr: "null",
  });
}

// Fetches it where it is not there yet.
const { success } = await serve().output();

/** A test against a real S3 server; where it cannot be had its name says so, and it is left out. */
export function withS3(name: string, test: (server: S3Server) => Promise<void>): void {
  Deno.test({
    name: success ? name : `${name} (left out: ${PACKAGE} cannot be fetched)`,
    ignore: !success,
    async fn() {
      await using server = await start();
      await test(server);
    },
  });
}

async function start(): Promise<S3Server> {
  const folder = await Deno.makeTempDir({ dir: home });
  const port = freePort();
  const child = serve(folder, String(port)).spawn();
  await answers(port, child);
  const endpoint = `http://127.0.0.1:${port}`;
  const options = { url: "s3://store/team", endpoint };
  return {
    endpoint,
    read: { ...options, mode: "read" },
    write: { ...options, mode: "read-write" },
    names: () =>
      [...walk(join(folder, "store"))]
        .filter((name) => name.endsWith("._S3rver_object"))
        .map((name) => name.slice(0, -"._S3rver_object".length)).sort(),
    file: (name) => join(folder, "store", `${name}._S3rver_object`),
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await child.status;
    },
  };
}

function* walk(folder: string, prefix = ""): Generator<string> {
  for (const { name, isDirectory } of Deno.readDirSync(folder)) {
    if (isDirectory) yield* walk(join(folder, name), `${prefix}${name}/`);
    else yield prefix + name;
  }
}

/** A port that nobody had a moment ago. */
function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return (listener.addr as Deno.NetAddr).port;
}

async function answers(port: number, child: Deno.ChildProcess): Promise<void> {
  let ended = false;
  child.status.then(() => ended = true);
  while (!ended) {
    try {
      (await Deno.connect({ hostname: "127.0.0.1", port })).close();
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
  throw new Error("the S3 server did not start");
}
