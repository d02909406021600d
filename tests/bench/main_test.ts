import { deepStrictEqual, match, ok } from "node:assert/strict";
import { join, resolve } from "node:path";
import { cacheFolder } from "../../base/cache.ts";
import type { BenchResults } from "../../bench/results.ts";
import { realDisk } from "../../pipeline/disk.ts";

const MAIN = resolve(import.meta.dirname!, "../../bench/main.ts");

/** Runs the benchmark where no program can be found but Deno. */
async function bench(...args: string[]) {
  const empty = await Deno.makeTempDir();
  // The environments that an earlier benchmark has installed are in the cache.
  const cache = await Deno.makeTempDir();
  const own = cacheFolder();
  for (const { name } of realDisk.list(own)) {
    if (name.startsWith("tensorflow-")) await Deno.symlink(join(own, name), join(cache, name));
  }
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-all", "--no-check", MAIN, ...args],
    env: { PATH: empty, VITRINE_CACHE: cache, NO_COLOR: "1" },
  }).output();
  await Promise.all([empty, cache].map((folder) => Deno.remove(folder, { recursive: true })));
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, stdout: text(stdout), stderr: text(stderr) };
}

Deno.test("without Python it measures ours and says what it left out", async () => {
  const out = await Deno.makeTempDir();
  const rows = ["--only", "forward-box-1", "--only", "step-box-0"];
  const { code, stdout, stderr } = await bench(...rows, "--quick", "--json", "--out", out);
  deepStrictEqual(code, 0, stderr);
  const results: BenchResults = JSON.parse(stdout);
  deepStrictEqual(results.failed, []);
  deepStrictEqual(results.rows.map(({ id }) => id), ["forward-box-1", "step-box-0"]);
  for (const { ours, peers, left_out } of results.rows) {
    ok(ours.seconds.median > 0);
    deepStrictEqual(ours.seconds.of, 2);
    ok(Deno.build.os !== "linux" || ours.peak_bytes! > 1e8);
    deepStrictEqual(peers, []);
    deepStrictEqual(left_out, [{ name: "PyTorch", why: "there is no python3" }]);
  }
  match(stderr, /PyTorch left out: there is no python3/);
  match(
    await Deno.readTextFile(join(out, "bench.md")),
    /## Left out\n\n- PyTorch: there is no python3/,
  );
  deepStrictEqual(
    [...Deno.readDirSync(out)].map(({ name }) => name).sort(),
    ["bench.json", "bench.md", "figures"],
  );
  await Deno.remove(out, { recursive: true });
});

Deno.test("a row that there is not is refused with the nearest name", async () => {
  const { code, stderr } = await bench("--only", "forwrd-box-1");
  deepStrictEqual(code, 2);
  match(stderr, /Cannot find the row "forwrd-box-1": did you mean "forward-box-1"\?/);
});

Deno.test("--list names every row", async () => {
  const { stdout } = await bench("--list");
  const rows = stdout.trim().split("\n");
  for (
    const row of [
      "forward-base-64",
      "step-box-all",
      "epochs-base-0",
      "nothing-60",
      "sweep",
      "scale",
    ]
  ) {
    ok(rows.includes(row), row);
  }
});
