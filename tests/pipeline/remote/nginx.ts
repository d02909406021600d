import { join } from "node:path";
import { blocksOf } from "./page.ts";
import { exists } from "../../../base/exists.ts";

const NGINX = ["/usr/sbin/nginx", "/usr/local/sbin/nginx", "/usr/local/bin/nginx"].find(exists);

/** A real nginx that serves a folder on this machine alone. */
export interface Nginx extends AsyncDisposable {
  /** Address of the store, with `/` and a prefix but none at the end. */
  readonly url: string;
  /** The folder that it serves there. */
  readonly folder: string;
  /** Requests since the last call: `GET /store/ac/… 200`. */
  asked(): string[];
}

/** A test against a real nginx; where there is none its name says so, and it is left out. */
export function withNginx(
  name: string,
  options: { write: boolean; user?: string },
  test: (nginx: Nginx) => Promise<void>,
): void {
  const missing = NGINX === undefined;
  Deno.test({
    name: missing ? `${name} (left out: there is no nginx)` : name,
    ignore: missing,
    async fn() {
      await using nginx = await start(options);
      await test(nginx);
    },
  });
}

async function start({ write, user }: { write: boolean; user?: string }): Promise<Nginx> {
  const home = await Deno.realPath(await Deno.makeTempDir({ prefix: "vitrine-nginx-" }));
  const folder = join(home, "www", "store");
  Deno.mkdirSync(folder, { recursive: true });
  const port = freePort();
  if (user !== undefined) Deno.writeTextFileSync(join(home, "users"), `${user}\n`);
  Deno.writeTextFileSync(join(home, "nginx.conf"), configuration(home, port, write, user));
  const child = new Deno.Command(NGINX!, {
    args: ["-p", home, "-c", join(home, "nginx.conf"), "-e", join(home, "error.log")],
    stdout: "null",
    stderr: "null",
  }).spawn();
  const url = `http://127.0.0.1:${port}/store`;
  await answers(port, child, join(home, "error.log"));
  let told = 0;
  return {
    url,
    folder,
    asked() {
      const lines = Deno.readTextFileSync(join(home, "access.log")).split("\n").filter(Boolean);
      return lines.slice(told, told = lines.length);
    },
    async [Symbol.asyncDispose]() {
      child.kill("SIGTERM");
      await child.status;
      await Deno.remove(home, { recursive: true });
    },
  };
}

function configuration(home: string, port: number, write: boolean, user?: string): string {
  // As the page about the store has it, but for the place.
  const location = blocksOf("nginx")[write ? 1 : 0]
    .replaceAll("/srv", `${home}/www`)
    .replace(
      "{",
      `{ ${user === undefined ? "" : `auth_basic store; auth_basic_user_file ${home}/users;`}`,
    );
  const kept = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
  return `${Deno.uid() === 0 ? "user root;" : ""}
daemon off;
pid ${home}/pid;
worker_processes 1;
events {}
http {
  ${kept.map((name) => `${name}_temp_path ${home}/${name};`).join("\n  ")}
  log_format asked '$request_method $uri $status';
  access_log ${home}/access.log asked;
  server {
    listen 127.0.0.1:${port};
    ${location}
  }
}
`;
}

/** A port that nobody had a moment ago. */
function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return (listener.addr as Deno.NetAddr).port;
}

async function answers(port: number, child: Deno.ChildProcess, log: string): Promise<void> {
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
  throw new Error(`nginx did not start: ${Deno.readTextFileSync(log)}`);
}
