import { deepStrictEqual as equal, match, rejects } from "node:assert/strict";
import { join } from "node:path";
import { configure } from "../../hub/mod.ts";
import { realDisk } from "../../pipeline/disk.ts";
import { readOutside } from "../../pipeline/outside.ts";
import { readPlan } from "../../pipeline/plan.ts";
import { viewOf } from "../../pipeline/view.ts";
import { registry } from "../../stages/mod.ts";
import { layoutOf, type Place, sendBytes, sha256, withHub } from "./server.ts";

const ROOT = join(import.meta.dirname!, "../..");
const GOLDEN = join(ROOT, "tests/fixtures/golden");

/** Writes a project whose config names a model. @returns the config's path. */
function writeConfig({ folder }: Place, model: string): string {
  const project = join(folder, "project");
  Deno.mkdirSync(project, { recursive: true });
  Deno.writeTextFileSync(join(project, "deno.json"), "{}");
  const config = join(project, "digits.yaml");
  Deno.writeTextFileSync(
    config,
    `stages:
  preprocess:
    dataset: { imagefolder: ${join(GOLDEN, "imagefolder")} }
  load-pretrained:
    model: ${model}
  freeze: {}
`,
  );
  return config;
}

/** Plans as a process of its own would. */
async function plan(config: string) {
  configure({ refresh: false });
  return await readPlan({ config, set: [], registry });
}

/** The digest that stands in the key of load-pretrained in place of the model. */
async function modelDigest(place: Place, config: string): Promise<string> {
  const made = await plan(config);
  const stage = made.stages.find(({ name }) => name === "load-pretrained")!;
  const files = await stage.definition.files!(stage.params, viewOf(made, stage));
  return (await readOutside(realDisk, join(place.folder, "store"), files.model, false)).digest;
}

Deno.test("a config plans with a model of the Hub, and again without the Hub", async () => {
  await withHub(async (place) => {
    const config = writeConfig(place, "owner/vit");
    const first = await plan(config);
    const params = Object.fromEntries(first.stages.map(({ name, params }) => [name, params]));
    equal(params["preprocess"].image_size, [32, 32]);
    equal(params["load-pretrained"].model, "owner/vit");
    equal(params["freeze"].blocks, 2); // of 4: all but the top two
    await place.hub.stop();
    equal(await plan(config), first);
  });
});

Deno.test("a model counts by its content: by name, by revision, as a folder, fetched or not", async () => {
  await withHub(async (place) => {
    const models = [join(GOLDEN, "vit"), "owner/vit", "owner/vit@main"];
    const digests: string[] = [];
    for (const model of models) digests.push(await modelDigest(place, writeConfig(place, model)));
    equal(new Set(digests).size, 1);
    const blobs = Object.keys(layoutOf(place.repository)).filter((path) => /^blobs/.test(path));
    equal(blobs.length, 2, "config.json and preprocessor_config.json alone");
    place.hub.revisions.tuned = "c".repeat(40);
    const { bytes } = place.hub.files["model.safetensors"];
    place.hub.add(
      "model.safetensors",
      bytes.map((byte, i) => i === bytes.length - 1 ? byte ^ 1 : byte),
    );
    digests.push(await modelDigest(place, writeConfig(place, "owner/vit@tuned")));
    equal(new Set(digests).size, 2);
  });
});

Deno.test("what is wrong with a model is told once, at its line", async () => {
  await withHub(async (place) => {
    const cases: [model: string, words: RegExp][] = [
      [
        "owner/vti",
        /Cannot find the model "owner\/vti" at .*: there is none.* \(there is no folder .*project\/owner\/vti either\)/,
      ],
      ["owner/vit@v9", /Cannot find the revision "v9" of the model "owner\/vit"/],
      ["owner/vit@../..", /Cannot use the revision "\.\.\/\.\."/],
      ["./owner/vit", /Cannot find the model "\.\/owner\/vit": there is no folder/],
      ["vit", /Cannot find the model "vit": there is no folder/],
      [
        "pickled",
        /Cannot use the model in .*: its weights are pickled \(weights\.pt\), .*; convert them in/,
      ],
      ["no-index", /its model\.safetensors\.index\.json has no weight_map/],
      ["no-shard", /model-1\.safetensors is missing, which model\.safetensors\.index\.json names/],
    ];
    const index = "model.safetensors.index.json";
    const folders: [name: string, file: string, content: string][] = [
      ["pickled", "weights.pt", ""],
      ["no-index", index, "null"],
      ["no-shard", index, JSON.stringify({ weight_map: { x: "model-1.safetensors" } })],
    ];
    for (const [name, file, content] of folders) {
      const folder = join(place.folder, "project", name);
      Deno.mkdirSync(folder, { recursive: true });
      Deno.copyFileSync(join(GOLDEN, "vit/config.json"), join(folder, "config.json"));
      Deno.writeTextFileSync(join(folder, file), content);
    }
    for (const [model, words] of cases) {
      await rejects(plan(writeConfig(place, model)), ({ message }: Error) => {
        match(message, /digits\.yaml:5:12 /);
        match(message, words);
        equal(message.split("Cannot").length, 2, message);
        return true;
      });
    }
  });
});

Deno.test("a misspelt folder is no question to the Hub", async () => {
  await withHub(async (place) => {
    Deno.mkdirSync(join(place.folder, "project/models"), { recursive: true });
    await rejects(
      plan(writeConfig(place, "models/vti")),
      /there is no folder .*models\/vti; for a model of that name on the .* write "models\/vti@main"/,
    );
    equal(place.hub.asked(), []);
  });
});

Deno.test("a run that is stopped in its download goes on there the next time", async () => {
  await withHub(async (place) => {
    const { bytes } = place.hub.files["model.safetensors"];
    const args = ["run", "--allow-all", "--no-check", join(ROOT, "commands/main.ts"), "run"];
    args.push(writeConfig(place, "owner/vit"), "--until", "load-pretrained", "--quiet");
    const stopped = new Deno.Command(Deno.execPath(), { args, stderr: "null" }).spawn();
    const half = Math.floor(bytes.length / 2);
    // Half of the weights, and then nothing more.
    place.hub.fault = (request, path) => {
      if (!path.startsWith("/storage")) return undefined;
      const start = (controller: ReadableStreamDefaultController<Uint8Array>) =>
        controller.enqueue(bytes.slice(0, half));
      return new Response(new ReadableStream({ start }), sendBytes(request, bytes));
    };
    const incomplete = join(place.repository, "blobs", `${sha256(bytes)}.incomplete`);
    while ((await Deno.stat(incomplete).catch(() => undefined))?.size !== half) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    stopped.kill("SIGINT");
    equal((await stopped.status).code, 130);
    place.hub.fault = () => undefined;
    place.hub.seen.length = 0;
    equal((await new Deno.Command(Deno.execPath(), { args }).output()).code, 0);
    const storage = place.hub.seen.filter(({ path }) => path.startsWith("/storage"));
    equal(storage.map(({ range }) => range), [`bytes=${half}-`]);
  });
});

Deno.test("a run downloads the weights once; then nothing is asked of the Hub", async () => {
  await withHub(async (place) => {
    const config = writeConfig(place, "owner/vit");
    const run = async (...options: string[]) => {
      const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
        args: [
          ...["run", "--allow-all", "--no-check", join(ROOT, "commands/main.ts"), "run", config],
          ...["--until", "load-pretrained", "--json", ...options],
        ],
        env: { NO_COLOR: "1" },
      }).output();
      const decoder = new TextDecoder();
      equal(code, 0, decoder.decode(stderr));
      const events = decoder.decode(stdout).trim().split("\n").map((line) => JSON.parse(line));
      return {
        progress: events.filter(({ type, unit }) => type === "progress" && unit === "bytes").at(-1),
        status: events.find((e) => e.type === "stage-finished" && e.stage === "load-pretrained")
          .status,
      };
    };
    const { bytes } = place.hub.files["model.safetensors"];
    const first = await run();
    equal(first.status, "ran");
    equal([first.progress.done, first.progress.total], [bytes.length, bytes.length]);
    const artifact = join(place.folder, "project/outputs/digits/load-pretrained/artifact.json");
    match(Deno.readTextFileSync(artifact), /"owner\/vit@0123456789abcdef0123456789abcdef01234567"/);

    place.hub.asked();
    equal((await run()).status, "fresh");
    equal(place.hub.asked(), []);
    place.hub.revisions.main = "d".repeat(40); // a README was changed, say
    equal((await run("--refresh")).status, "fresh");
    equal(place.hub.asked().filter((path) => path.startsWith("GET")), []);
  });
});

Deno.test("a command that may not use the network says so and does not ask for leave", async () => {
  await withHub(async (place) => {
    const config = writeConfig(place, "owner/vit");
    const { code, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [
        ...["run", "--allow-read", "--allow-env", "--allow-sys", "--no-check"],
        ...[join(ROOT, "commands/main.ts"), "validate", config],
      ],
      env: { NO_COLOR: "1" },
    }).output();
    equal(code, 2);
    match(new TextDecoder().decode(stderr), /Cannot ask .* this command does not use the network/);
    equal(place.hub.asked(), []);
  });
});
