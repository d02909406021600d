import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { ROOT, startTask, statuses, task, temporaryProject } from "./project.ts";

const GOLDEN = join(ROOT, "tests/fixtures/golden");
const CONFIG = JSON.stringify({
  name: "long",
  stages: {
    preprocess: { dataset: { imagefolder: join(GOLDEN, "imagefolder") } },
    "load-pretrained": { model: join(GOLDEN, "vit"), head: "reinit" },
    freeze: { features: "float32" },
    train: { epochs: 30, batch_size: 8 },
  },
});

/** Digest of all that train has published. */
function contentOf(project: string): string {
  const path = join(project, "outputs/long/train/artifact.json");
  return JSON.parse(Deno.readTextFileSync(path)).content;
}

let whole: Promise<string> | undefined;

/** That digest where nothing came between. */
function neverStopped(): Promise<string> {
  return whole ??= (async () => {
    await using project = await temporaryProject({ "long.yaml": CONFIG });
    strictEqual((await task("run", [join(project.path, "long.yaml"), "--threads", "1"])).code, 0);
    const content = contentOf(project.path);
    match(content, /^[0-9a-f]{64}$/);
    return content;
  })();
}

for (const signal of ["SIGINT", "SIGTERM", "SIGKILL"] as const) {
  Deno.test(`training stopped by ${signal} goes on, and ends with the same bytes`, async () => {
    await using project = await temporaryProject({ "long.yaml": CONFIG });
    const config = join(project.path, "long.yaml");
    const run = join(project.path, "outputs/long");
    const child = startTask("run", [config, "--threads", "1"]);
    await child.until(/epoch 5\/30:/);
    child.kill(signal);
    const { code } = await child.ended;
    if (signal !== "SIGKILL") {
      strictEqual(code, 130);
      strictEqual(statuses(run).train, "interrupted");
    }
    const again = await task("run", [config, "--threads", "1"]);
    strictEqual(again.code, 0, again.stderr);
    deepStrictEqual(statuses(run), {
      preprocess: "fresh",
      "load-pretrained": "fresh",
      freeze: "fresh",
      train: "resumed",
    });
    const resumed = Number(again.stdout.match(/epoch (\d+)/)?.[1]);
    ok(resumed >= 5, again.stdout);

    strictEqual(contentOf(project.path), await neverStopped());
  });
}

Deno.test("a stage that does not stop is left after Ctrl-C, long before its ten minutes, with a word", async () => {
  const config = { name: "deaf", stages: { deaf: { uses: "./deaf.ts" } } };
  await using project = await temporaryProject({
    "deaf.yaml": JSON.stringify(config),
    "deaf.ts": `
      import { z } from "${ROOT}/node_modules/zod/index.js";
      export const stage = {
        kind: "deaf", summary: "Waits for nothing", params: z.strictObject({}), inputs: {},
        run: () => import("./run.ts"),
      };`,
    "run.ts": `
      export async function run({ report }) {
        report.line("begun");
        await new Promise((resolve) => setTimeout(resolve, 600_000));
      }`,
  });
  const child = startTask("run", [join(project.path, "deaf.yaml")]);
  await child.until(/begun/);
  child.kill("SIGINT");
  const { code, stderr } = await child.ended;
  strictEqual(code, 130);
  match(stderr, /Stopped before all was tidied up; the next run goes on from what is saved/);
});
