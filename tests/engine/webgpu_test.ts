import { deepEqual, match, rejects, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { ROOT, startTask, statuses, task, temporaryProject } from "../end-to-end/project.ts";

/** What is tested runs in processes of their own: Mesa and TensorFlow do not go into one together. */
async function deno(args: readonly string[], env: Record<string, string> = {}) {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [...args],
    cwd: ROOT,
    env: { NO_COLOR: "1", ...env },
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, stdout: text(stdout), stderr: text(stderr) };
}

const HERE = import.meta.dirname!;
const adapter = (await deno(["run", "-A", "--no-check", join(HERE, "webgpu/adapter.ts")])).stdout
  .trim();

/** Where there is no adapter the name says so, and the test is left out. */
function onWebGpu(name: string, fn: () => Promise<void>): void {
  const missing = adapter === "";
  Deno.test({
    name: missing ? `${name} (left out: there is no adapter for WebGPU)` : name,
    ignore: missing,
    fn,
  });
}

onWebGpu("webgpu keeps the tolerances of every engine, and its memory", async () => {
  const { code, stdout, stderr } = await deno(
    ["test", "-A", "--no-check", "--quiet", join(HERE, "webgpu/numbers.ts")],
  );
  strictEqual(code, 0, stdout + stderr);
});

/** Ends the search for drivers of a GPU, in the ways that Vulkan and OpenGL are looked for. */
const NO_DRIVER = {
  VK_DRIVER_FILES: "/nonexistent",
  VK_ICD_FILENAMES: "/nonexistent",
  __EGL_VENDOR_LIBRARY_FILENAMES: "/nonexistent",
};

Deno.test({
  name: "without an adapter webgpu is refused",
  ignore: Deno.build.os !== "linux",
  async fn() {
    const use = join(HERE, "use_engine.ts");
    const { code, stderr } = await deno(
      ["run", "-A", "--no-check", use, "webgpu", "return"],
      NO_DRIVER,
    );
    strictEqual(code, 1);
    match(stderr, /Cannot use the engine webgpu: Deno finds no adapter on this machine/);
  },
});

Deno.test({
  name:
    "without an adapter a run on webgpu ends before its first stage; where all is fresh it needs none",
  ignore: Deno.build.os !== "linux",
  async fn() {
    const theory = JSON.stringify({ stages: { "worked-example": {} } });
    await using project = await temporaryProject({ "a.yaml": theory });
    const path = join(project.path, "a.yaml");
    const run = () => task("run", [path, "--engine", "webgpu"], NO_DRIVER);
    const { code, stderr } = await run();
    strictEqual(code, 2, stderr);
    match(stderr, /^Cannot use the engine webgpu: Deno finds no adapter.*\n.*Install Vulkan/);
    await rejects(Deno.stat(join(project.path, "outputs")), Deno.errors.NotFound);
    strictEqual((await task("run", [path])).code, 0);
    const fresh = await run();
    strictEqual(fresh.code, 0, fresh.stderr);
  },
});

const GOLDEN = join(ROOT, "tests/fixtures/golden");
const config = (epochs: number) =>
  JSON.stringify({
    stages: {
      preprocess: {
        dataset: { imagefolder: join(GOLDEN, "imagefolder") },
        limit: { train: 20, test: 10 },
      },
      "load-pretrained": { model: join(GOLDEN, "vit"), head: "reinit" },
      freeze: { blocks: 3 },
      train: { epochs, batch_size: 8 },
      evaluate: {},
      visualize: { images: 1, measured: 2, faithfulness: 0, sanity: 0 },
    },
  });

onWebGpu("a run goes from engine to engine at the borders of stages", async () => {
  await using project = await temporaryProject({ "a.yaml": config(1) });
  const path = join(project.path, "a.yaml");
  const run = join(project.path, "outputs/a");
  const engines = ["webgpu", "wasm", "webgpu"];
  const until = [["--until", "freeze"], ["--until", "train"], []];
  const seen = [];
  for (const [i, engine] of engines.entries()) {
    const { code, stderr } = await task("run", [path, "--engine", engine, ...until[i]]);
    strictEqual(code, 0, stderr);
    strictEqual(/XDG_RUNTIME_DIR/.test(stderr), false, stderr);
    seen.push(Object.values(statuses(run)).join());
  }
  deepEqual(seen, [
    "ran,ran,ran,not reached,not reached,not reached",
    "fresh,fresh,fresh,ran,not reached,not reached",
    "fresh,fresh,fresh,fresh,ran,ran",
  ]);
  match(
    await Deno.readTextFile(join(run, "visualize/artifact.json")),
    /"description": "TensorFlow.js WebGPU/,
  );
  const again = await task("run", [path, "--engine", "wasm"]);
  strictEqual(again.code, 0, again.stderr);
  strictEqual(Object.values(statuses(run)).join(), Array(6).fill("fresh").join());
});

onWebGpu(
  "Ctrl-C stops a training on webgpu, which goes on there and starts over elsewhere",
  async () => {
    await using project = await temporaryProject({ "a.yaml": config(40) });
    const path = join(project.path, "a.yaml");
    const args = (engine: string) => [path, "--until", "train", "--engine", engine];
    const stopped = async (engine: string) => {
      const started = startTask("run", args(engine));
      await started.until(/epoch \d+\/40: /);
      started.kill("SIGINT");
      const { code, stderr } = await started.ended;
      strictEqual(code, 130, stderr);
      return await started.ended;
    };
    await stopped("webgpu");
    const again = await stopped("webgpu");
    match(again.stdout + again.stderr, /Going on from epoch/);
    const elsewhere = await stopped("wasm");
    match(
      elsewhere.stdout + elsewhere.stderr,
      /The checkpoint is of webgpu .*, and this is wasm .*: training starts over/,
    );
  },
);
