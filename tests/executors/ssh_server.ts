import { join } from "node:path";
import { exists } from "../../base/exists.ts";

const SSHD = "/usr/sbin/sshd";
const PROGRAMS = [SSHD, "/usr/bin/ssh-keygen", "/usr/bin/ssh"];

/** Why there can be no sshd here; undefined where there can. */
export function whyNoSsh(): string | undefined {
  const missing = PROGRAMS.find((path) => !exists(path));
  return missing === undefined ? undefined : `there is no ${missing}`;
}

/** An sshd on a loopback port that lets the user of this process in by a key of its own. */
export interface SshServer extends AsyncDisposable {
  /** As GNU parallel's --sshlogin has it. */
  readonly login: string;
}

/** Its keys and files lie in a folder of their own, which goes with it. */
export async function startSsh(): Promise<SshServer> {
  const folder = await Deno.makeTempDir({ prefix: "vitrine-sshd-" });
  const key = join(folder, "user_key");
  const hostKey = join(folder, "host_key");
  for (const path of [key, hostKey]) {
    await run("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", path]);
  }
  const port = freePort();
  const config = join(folder, "sshd_config");
  await Deno.writeTextFile(
    config,
    [
      `Port ${port}`,
      "ListenAddress 127.0.0.1",
      `HostKey ${hostKey}`,
      `AuthorizedKeysFile ${key}.pub`,
      `PidFile ${join(folder, "sshd.pid")}`,
      "StrictModes no",
      "UsePAM no",
      "PasswordAuthentication no",
      "PermitRootLogin prohibit-password",
      "MaxStartups 100",
      "MaxSessions 100",
    ].join("\n") + "\n",
  );
  if (Deno.uid() === 0) await Deno.mkdir("/run/sshd", { recursive: true }); // it asks for that
  const server = new Deno.Command(SSHD, {
    args: ["-D", "-e", "-f", config],
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  const options = ["UserKnownHostsFile=/dev/null", "StrictHostKeyChecking=no", "LogLevel=ERROR"];
  const ssh = [
    ...["ssh", "-p", String(port), "-i", key],
    ...options.flatMap((option) => ["-o", option]),
    "127.0.0.1",
  ];
  for (let tries = 0;; tries++) {
    const { success } = await new Deno.Command(ssh[0], {
      args: [...ssh.slice(1), "true"],
      stdin: "null",
      stderr: "null",
    }).output();
    if (success) break;
    if (tries === 100) throw new Error("Cannot reach the sshd of the test");
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return {
    login: ssh.join(" "),
    async [Symbol.asyncDispose]() {
      server.kill("SIGTERM");
      await server.status;
      await Deno.remove(folder, { recursive: true });
    },
  };
}

async function run(program: string, args: string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command(program, { args, stdin: "null" }).output();
  if (!success) throw new Error(`${program}: ${new TextDecoder().decode(stderr)}`);
}

function freePort(): number {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr as Deno.NetAddr;
  listener.close();
  return port;
}
