import { deepStrictEqual as equal, match, ok, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { contents } from "../pipeline/remote/machines.ts";
import { withNginx } from "../pipeline/remote/nginx.ts";
import { ROOT, statuses, task, temporaryProject } from "./project.ts";

const GOLDEN = join(ROOT, "tests/fixtures/golden");

/** A whole exercise on 110 small images and a tiny random model. */
const STAGES = {
  preprocess: { dataset: { imagefolder: join(GOLDEN, "imagefolder") } },
  "load-pretrained": { model: join(GOLDEN, "vit"), head: "reinit" },
  freeze: { blocks: 1, features: "float32" },
  train: { epochs: 1 },
  evaluate: {},
};

/** What a machine has of its own: a project with the config, and nothing in its store. */
const machine = (store?: Record<string, string>) =>
  temporaryProject({ "pets.yaml": JSON.stringify({ seed: 1, store, stages: STAGES }) });

const each = (status: string) =>
  Object.fromEntries(Object.keys(STAGES).map((name) => [name, status]));

/** Every published file of a run, by stage, with its bytes. */
function results(project: { path: string }): Record<string, string> {
  return Object.fromEntries(
    Object.keys(STAGES).flatMap((stage) => {
      const files = contents(join(project.path, "outputs/pets", stage));
      return Object.entries(files).map(([name, text]) => [`${stage}/${name}`, text]);
    }),
  );
}

Deno.test("a machine with an empty store and the shared one mounted runs nothing", async () => {
  await using first = await machine();
  const shared = join(first.path, "shared");
  Deno.mkdirSync(shared);
  const made = await task("run", [
    join(first.path, "pets.yaml"),
    ...["--store", shared, "--store-mode", "read-write"],
  ]);
  strictEqual(made.code, 0, made.stderr);
  equal(statuses(join(first.path, "outputs/pets")), each("ran"));

  await using second = await machine({ path: shared });
  const config = join(second.path, "pets.yaml");
  const dry = await task("run", [config, "--dry-run"]);
  strictEqual(dry.stdout.match(/restored +would be fetched from the shared store/g)?.length, 5);
  const { code, stdout, stderr } = await task("run", [config]);
  strictEqual(code, 0, stderr);
  equal(statuses(join(second.path, "outputs/pets")), each("restored"));
  strictEqual(stdout.match(/fetched from the shared store/g)?.length, 5, stdout);
  ok(!stdout.includes("warning"), stdout);
  equal(results(second), results(first));
  // It stands on its own from now on.
  await Deno.remove(shared, { recursive: true });
  await task("run", [config]);
  equal(statuses(join(second.path, "outputs/pets")), each("fresh"));
});

withNginx("a machine with an empty store and the shared one served by nginx runs nothing", {
  write: true,
}, async (nginx) => {
  await using first = await machine({ url: nginx.url, mode: "read-write" });
  const made = await task("run", [join(first.path, "pets.yaml")]);
  strictEqual(made.code, 0, made.stderr);
  equal(statuses(join(first.path, "outputs/pets")), each("ran"));
  ok(!made.stdout.includes("warning"), made.stdout);
  nginx.asked();

  await using second = await machine();
  const { code, stdout, stderr } = await task("run", [
    join(second.path, "pets.yaml"),
    "--store",
    nginx.url,
  ]);
  strictEqual(code, 0, stderr);
  equal(statuses(join(second.path, "outputs/pets")), each("restored"));
  ok(!stdout.includes("warning"), stdout);
  equal(results(second), results(first));
  ok(nginx.asked().every((line) => /^GET .* 200$/.test(line)));

  // What is served is a folder like any other.
  await using third = await machine({ path: nginx.folder });
  strictEqual((await task("run", [join(third.path, "pets.yaml")])).code, 0);
  equal(statuses(join(third.path, "outputs/pets")), each("restored"));
});

Deno.test("a shared store that cannot be one is told before anything runs", async () => {
  await using project = await machine();
  const config = join(project.path, "pets.yaml");
  for (
    const [args, wrong] of [
      [["--store", "ftp://host/store"], /Cannot use the shared store that --store/],
      [["--store-mode", "read-write"], /Cannot take --store-mode: there is no shared store/],
      [["--store", "x", "--store-mode", "write"], /--store-mode/],
    ] as const
  ) {
    const { code, stderr } = await task("run", [config, ...args]);
    strictEqual(code, 2, stderr);
    match(stderr, wrong);
  }
});
