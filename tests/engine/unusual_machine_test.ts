import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { hasAvx } from "../../engine/avx.ts";

const ignore = Deno.build.os !== "linux" || Deno.build.arch !== "x86_64";
const PROGRAM = fileURLToPath(new URL("use_engine.ts", import.meta.url));

/** Uses an engine in a process with the permissions that a run has. */
async function use(
  engine: string,
  env: Record<string, string>,
): Promise<{ code: number; stdout: string; stderr: string }> {
  const permissions = ["read", "write", "net", "env", "sys", "ffi"].map((name) =>
    `--allow-${name}`
  );
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", "--no-check", ...permissions, PROGRAM, engine, "return"],
    env: { NO_COLOR: "1", VITRINE_TENSORFLOW: "", ...env },
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, stdout: text(stdout), stderr: text(stderr) };
}

/** The C library then answers as on a processor without AVX (glibc 2.33 and later). */
const WITHOUT_AVX = { GLIBC_TUNABLES: "glibc.cpu.hwcaps=-AVX" };

Deno.test({
  name: "whether there is AVX is what the kernel says too",
  ignore: ignore || hasAvx() === undefined,
  fn() {
    const flags = /^flags\s*:(.*)$/m.exec(Deno.readTextFileSync("/proc/cpuinfo"))![1].split(" ");
    assert.equal(hasAvx(), flags.includes("avx"));
  },
});

Deno.test({
  name: "a processor without AVX is told, and auto goes on with another engine",
  ignore: ignore || hasAvx() === undefined,
  async fn() {
    const { code, stderr } = await use("tensorflow", WITHOUT_AVX);
    assert.equal(code, 1);
    assert.match(stderr, /Cannot use the engine tensorflow: this processor has no AVX/);
    assert.deepEqual(await use("auto", WITHOUT_AVX), { code: 0, stdout: "64,64\n", stderr: "" });
  },
});

Deno.test({
  name: "tensorflow opens where there is no folder for temporary files",
  ignore,
  async fn() {
    const { code, stdout, stderr } = await use("tensorflow", { TMPDIR: "/nonexistent" });
    assert.deepEqual({ code, stdout }, { code: 0, stdout: "64,64\n" });
    assert.doesNotMatch(stderr, /Error:|Cannot/);
  },
});
