import { match, strictEqual } from "node:assert/strict";

Deno.test("a process that is busy in one long operation ends soon after Ctrl-C, with 130", async () => {
  const program = `
    import { endInTime } from "${new URL("../../engine/watchdog.ts", import.meta.url).href}";
    endInTime(100);
    await new Promise((resolve) => setTimeout(resolve, 1000));
    console.log("busy");
    for (const until = Date.now() + 60_000; Date.now() < until;);
  `;
  const file = await Deno.makeTempFile({ suffix: ".ts" });
  try {
    await Deno.writeTextFile(file, program);
    const child = new Deno.Command(Deno.execPath(), {
      args: ["run", "--allow-all", "--no-check", file],
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const reader = child.stdout.getReader();
    await reader.read(); // "busy"
    child.kill("SIGINT");
    const [{ code }, stderr] = await Promise.all([child.status, new Response(child.stderr).text()]);
    await reader.cancel();
    strictEqual(code, 130);
    match(stderr, /goes on from the last checkpoint/);
  } finally {
    await Deno.remove(file);
  }
});
