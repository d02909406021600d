import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { wheelOfThisPlatform } from "../../engine/wheel.ts";

const PROGRAM = fileURLToPath(new URL("use_engine.ts", import.meta.url));

function start(engine: string, ending: string): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-all", "--no-check", PROGRAM, engine, ending],
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

async function end(engine: string, ending: string): Promise<{ code: number; stderr: string }> {
  const { code, stdout, stderr } = await start(engine, ending).output();
  assert.equal(new TextDecoder().decode(stdout), "64,64\n");
  return { code, stderr: new TextDecoder().decode(stderr) };
}

for (const engine of ["tensorflow", "wasm"]) {
  const ignore = engine === "tensorflow" && wheelOfThisPlatform() === undefined;

  Deno.test({
    name: `a process that used ${engine} ends with 0 and without a word`,
    ignore,
    async fn() {
      assert.deepEqual(await end(engine, "return"), { code: 0, stderr: "" });
    },
  });

  Deno.test({
    name: `a process that used ${engine} ends with the code that it gives`,
    ignore,
    async fn() {
      assert.deepEqual(await end(engine, "exit"), { code: 3, stderr: "" });
    },
  });

  for (const [ending, message] of [["throw", "uncaught"], ["reject", "unhandled"]]) {
    Deno.test({
      name: `a process that used ${engine} ends with 1 after an error that is ${message}`,
      ignore,
      async fn() {
        const { code, stderr } = await end(engine, ending);
        assert.equal(code, 1);
        assert.match(stderr, new RegExp(`Error: ${message}`));
      },
    });
  }

  Deno.test({
    name: `a process that uses ${engine} ends by the signal of Ctrl-C`,
    ignore,
    async fn() {
      const child = start(engine, "work");
      const reader = child.stdout.getReader();
      await reader.read(); // it has opened the engine
      child.kill("SIGINT");
      await reader.cancel();
      await child.stderr.cancel();
      const { code, signal } = await child.status;
      assert.deepEqual({ code, signal }, { code: 130, signal: "SIGINT" });
    },
  });
}
