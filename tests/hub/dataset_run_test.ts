import { deepStrictEqual as equal, match, ok, rejects } from "node:assert/strict";
import { join } from "node:path";
import { configure } from "../../hub/mod.ts";
import { readPlan } from "../../pipeline/plan.ts";
import { registry } from "../../stages/mod.ts";
import { type DatasetPlace, type Files, MAIN, withDatasets } from "./dataset_server.ts";

const ROOT = join(import.meta.dirname!, "../..");
const SCRIPT = new TextEncoder().encode("raise SystemExit");

/** Writes a project whose config names a data set. @returns the config's path. */
function writeConfig({ folder }: DatasetPlace, dataset: string): string {
  const project = join(folder, "project");
  Deno.mkdirSync(project, { recursive: true });
  Deno.writeTextFileSync(join(project, "deno.json"), "{}");
  const config = join(project, "pets.yaml");
  Deno.writeTextFileSync(
    config,
    `stages:\n  preprocess:\n    image_size: 16\n    dataset: ${dataset}\n`,
  );
  return config;
}

async function plan(config: string) {
  configure({ refresh: false });
  return (await readPlan({ config, set: [], registry })).stages[0].params;
}

async function run(config: string, ...options: string[]) {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "--allow-all", "--no-check", join(ROOT, "commands/main.ts"), "run", config],
      ...["--json", ...options],
    ],
    env: { NO_COLOR: "1" },
  }).output();
  const decoder = new TextDecoder();
  const events = decoder.decode(stdout).trim().split("\n").map((line) => JSON.parse(line));
  return {
    code,
    stderr: decoder.decode(stderr),
    events,
    status: events.find((event) => event.type === "stage-finished")?.status,
  };
}

/** Every parquet file of a commit, laid out as the branch of converted data sets is. */
function converted(files: Files, prefix = ""): Files {
  return Object.fromEntries(
    Object.entries(files).filter(([name]) => name.endsWith(".parquet")).map(([name, bytes]) => {
      const [, split, shard] = /data\/(\w+)-0(\d{4})-/.exec(name)!;
      return [`default/${prefix}${split}/${shard}.parquet`, bytes];
    }),
  );
}

Deno.test("a run fetches a data set once, counts its content, and says where it came from", async () => {
  await withDatasets(async (place) => {
    const { hub, folder } = place;
    const config = writeConfig(place, "{ huggingface: owner/pets }");
    const dry = await run(config, "--dry-run");
    equal(dry.code, 0, dry.stderr);
    ok(!hub.asked().some((path) => path.includes("storage")), "a dry run fetches no data");

    const first = await run(config);
    equal([first.code, first.status], [0, "ran"], first.stderr);
    const bytes = Object.entries(hub.commits[MAIN]).filter(([name]) => name.endsWith(".parquet"))
      .reduce((sum, [, { length }]) => sum + length, 0);
    const progress = first.events.filter(({ type, unit }) =>
      type === "progress" && unit === "bytes"
    );
    equal([progress.at(-1).done, progress.at(-1).total], [bytes, bytes]);
    const artifact = join(folder, "project/outputs/pets/preprocess");
    const dataset = JSON.parse(Deno.readTextFileSync(join(artifact, "dataset.json")));
    equal(dataset.name, "owner/pets");
    equal(dataset.sizes, { train: 24, validation: 6, test: 6 });
    equal(dataset.origin, {
      repository: "owner/pets",
      config: "default",
      splits: { train: "train", validation: "validation", test: "test" },
      license: "cc0-1.0",
    });
    match(
      Deno.readTextFileSync(join(artifact, "description.md")),
      /data set \[owner\/pets\].*\(config default; splits train, .*; licence: cc0-1\.0\)/,
    );
    match(
      Deno.readTextFileSync(join(artifact, "artifact.json")),
      new RegExp(`"owner/pets@${MAIN}"`),
    );

    hub.asked();
    equal((await run(config)).status, "fresh");
    equal(hub.asked(), []);
    // A commit that changed only the card's text, asked for anew or by its name.
    const moved = "2".repeat(40);
    const readme = new TextDecoder().decode(hub.commits[MAIN]["README.md"]) + "\nMore words.\n";
    hub.commits[moved] = {
      ...hub.commits[MAIN],
      "README.md": new TextEncoder().encode(readme) as Uint8Array<ArrayBuffer>,
    };
    hub.revisions.main = moved;
    equal((await run(config, "--refresh")).status, "fresh");
    const pinned = writeConfig(place, `{ huggingface: owner/pets, revision: "${moved}" }`);
    equal((await run(pinned)).status, "fresh");
    ok(!hub.asked().some((path) => path.includes("storage")));
  });
});

Deno.test("only the splits that serve are fetched", async () => {
  await withDatasets(async (place) => {
    const config = writeConfig(
      place,
      "{ huggingface: owner/pets, train: validation, validation: test }",
    );
    equal((await plan(config)).test, 0.1); // "test" validates: there is no test split left
    const { code, stderr } = await run(config);
    equal(code, 0, stderr);
    const stored = place.hub.asked().filter((path) => path.includes("storage"));
    equal(stored.length, 2);
  });
});

Deno.test("a data set that is not in parquet is taken from where the Hub converts it", async () => {
  await withDatasets(async (place) => {
    const { hub } = place;
    const files = hub.commits[MAIN];
    hub.commits[MAIN] = { "README.md": files["README.md"], "pets.py": SCRIPT };
    const config = writeConfig(place, "{ huggingface: owner/pets }");
    await rejects(
      plan(config),
      /Cannot use the data set "owner\/pets": it is made by a program, pets\.py, which is not run, and the Hub has not converted it; in Python/,
    );
    const branch = "3".repeat(40);
    hub.revisions["refs/convert/parquet"] = branch;
    hub.commits[branch] = converted(files, "partial-");
    await rejects(plan(config), /converted only a part of it \(default\/partial-train\/0000/);
    const whole = "4".repeat(40);
    hub.revisions["refs/convert/parquet"] = whole;
    hub.commits[whole] = converted(files);
    const { code, stderr } = await run(config, "--refresh");
    equal(code, 0, stderr);
    const artifact = join(place.folder, "project/outputs/pets/preprocess");
    const dataset = JSON.parse(Deno.readTextFileSync(join(artifact, "dataset.json")));
    equal([dataset.name, dataset.sizes.train], ["owner/pets", 24]);
    hub.revisions.old = MAIN;
    await rejects(
      plan(writeConfig(place, "{ huggingface: owner/pets, revision: old }")),
      /the Hub converts no other revision than main/,
    );
  });
});

Deno.test("what is wrong with a data set is told at its line", async () => {
  await withDatasets(async (place) => {
    const cases: [dataset: string, words: RegExp][] = [
      ["{ huggingface: owner/pest }", /pets\.yaml:4:\d+ Cannot find the data set "owner\/pest" at/],
      [
        "{ huggingface: ../pets }",
        /pets\.yaml:4:\d+ Cannot use "\.\.\/pets" as the name of a data set/,
      ],
      [
        "{ huggingface: owner/pets, config: b }",
        /find the config "b" of owner\/pets: it has default/,
      ],
      [
        "{ huggingface: owner/pets, test: dev }",
        /find the test split "dev" of owner\/pets: it has train, validation, test/,
      ],
      ["{ parquet: nowhere }", /pets\.yaml:4:\d+ Cannot read .*nowhere: there is no such folder/],
    ];
    for (const [dataset, words] of cases) await rejects(plan(writeConfig(place, dataset)), words);
  });
});
