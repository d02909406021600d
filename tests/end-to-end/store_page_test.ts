import { deepStrictEqual as equal, match, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { contents, files, twoMachines } from "../pipeline/remote/machines.ts";
import { FaultyServer } from "../pipeline/remote/faulty_server.ts";
import { blocksOf } from "../pipeline/remote/page.ts";

/** What the page's own clients need. */
const TOOLS = ["curl", "jq", "sha256sum"];
const missing = await Promise.all(TOOLS.map(async (tool) => {
  const { code } = await run("sh", ["-c", `command -v ${tool}`]);
  return code === 0 ? [] : [tool];
})).then((all) => all.flat());

async function run(program: string, args: string[], options: Deno.CommandOptions = {}) {
  const command = new Deno.Command(program, { args, stdout: "piped", stderr: "piped", ...options });
  const { code, stdout, stderr } = await command.output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, output: text(stdout) + text(stderr) };
}

/** A server with an artifact, its key, and the files that it has. */
async function withArtifact(
  test: (
    place: { server: FaultyServer; key: string; made: Record<string, string>; folder: string },
  ) => Promise<void>,
): Promise<void> {
  await using server = new FaultyServer();
  await using machines = await twoMachines({ files: files(100_000) });
  const { first } = machines;
  await first.run({ store: { url: server.url, mode: "read-write" } });
  const { key } = first.json("outputs/demo/files/artifact.json");
  const { "artifact.json": _, ...made } = contents(first.artifact("files"));
  const folder = join(first.path, "by-hand");
  Deno.mkdirSync(folder);
  await test({ server, key, made, folder });
}

Deno.test({
  name: "the page's curl session fetches an artifact and checks it" +
    (missing.length > 0 ? ` (left out: there is no ${missing.join(", ")})` : ""),
  ignore: missing.length > 0,
  fn: () =>
    withArtifact(async ({ server, key, made, folder }) => {
      const script = blocksOf("sh").find((block) => block.includes("curl"))!;
      const options = { cwd: folder, env: { STORE: server.url, KEY: key } };
      const { code, output } = await run("sh", ["-euc", script], options);
      strictEqual(code, 0, output);
      match(output, /large.bin: OK/);
      const { "artifact.json": _, "files.sha256": __, ...fetched } = contents(folder);
      equal(fetched, made);
      damageLarge(server);
      const damaged = await run("sh", ["-euc", script], options);
      strictEqual(damaged.code, 1);
      match(damaged.output, /large.bin: FAILED/);
    }),
});

Deno.test("the page's client fetches an artifact and checks it", () =>
  withArtifact(async ({ server, key, made, folder }) => {
    Deno.writeTextFileSync(join(folder, "client.ts"), blocksOf("ts")[0]);
    const client = () =>
      run(Deno.execPath(), [
        ...["run", "--check", "--no-config", "--allow-net", "--allow-write=."],
        ...["client.ts", server.url, key],
      ], { cwd: folder, env: { NO_COLOR: "1" } });
    const { code, output } = await client();
    strictEqual(code, 0, output);
    equal(contents(join(folder, key)), made);
    damageLarge(server);
    match((await client()).output, /Error: large.bin is damaged/);
    const name = `ac/${key}`;
    const text = new TextDecoder().decode(server.blobs.get(name));
    server.blobs.set(name, new TextEncoder().encode(text.replace('"bytes": 100000', '"bytes": 9')));
    match((await client()).output, /Error: it is of another key/);
  }));

/** Changes a bit of the large file on the server. */
function damageLarge(server: FaultyServer): void {
  const [, bytes] = [...server.blobs].find(([, { length }]) => length === 100_000)!;
  bytes[0] ^= 1;
}
