import { equal, match, ok } from "node:assert/strict";
import { CommandProject, runJson } from "../project.ts";

Deno.test("deno task view prints an address, shows the runs there, and ends on Ctrl-C", async () => {
  await using project = await CommandProject.create({
    "outputs/first/run.json": runJson("first", { data: "ran" }),
  });
  const child = project.spawn("view", "--port", "0");
  let printed = "";
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  while (!printed.includes("Ctrl-C")) {
    const { value, done } = await reader.read();
    ok(!done, printed);
    printed += value;
  }
  const address = /http:\/\/127\.0\.0\.1:\d+\/\?token=[0-9a-f]{64}/.exec(printed)![0];
  const entry = await fetch(address, { redirect: "manual" });
  await entry.body?.cancel();
  const cookie = entry.headers.get("set-cookie")!.split(";")[0];
  const ask = async (path: string) =>
    await (await fetch(new URL(path, address), { headers: { cookie } })).text();
  equal(JSON.parse(await ask("/api/runs")).runs[0].name, "first");
  equal(JSON.parse(await ask("/api/run?name=first")).stages[0].name, "data");
  match(await ask("/main.ts"), /addEventListener/);
  child.kill("SIGINT");
  await reader.cancel();
  await child.stderr.cancel();
  equal((await child.status).code, 0);
});

Deno.test("a port that is taken is named", async () => {
  await using project = await CommandProject.create({});
  using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = taken.addr as Deno.NetAddr;
  const { code, stderr } = await project.command("view", "--port", String(port));
  equal(code, 2);
  match(stderr, new RegExp(`Cannot listen on port ${port} of 127.0.0.1: another program does`));
});
