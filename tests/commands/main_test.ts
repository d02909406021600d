import { deepStrictEqual as equal, match, strictEqual } from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { CommandProject, TINY_CONFIG, TINY_STAGES } from "./project.ts";

const fromRoot = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));

Deno.test("without a command the list of commands is an error, with --help it is the answer", async () => {
  await using project = await CommandProject.create({});
  const bare = await project.command("");
  strictEqual(bare.code, 2);
  strictEqual(bare.stdout, "");
  const help = await project.command("--help");
  strictEqual(help.code, 0);
  strictEqual(help.stdout, bare.stderr);
  const { tasks } = JSON.parse(
    await Deno.readTextFile(new URL("../../deno.json", import.meta.url)),
  );
  const listed = help.stdout.split("\n").flatMap((line) => line.match(/^ {2}(\w+) {2}/)?.[1] ?? []);
  equal(
    listed.toSorted(),
    // All tasks but those of this repository's own development.
    Object.keys(tasks).filter((name) =>
      !/^(test|test:long|bench|bench:cluster|agreement|ok)$/.test(name)
    )
      .toSorted(),
  );
});

Deno.test("every command has help with a line that can be typed, as the user started it", async () => {
  await using project = await CommandProject.create({});
  const help = await project.command("--help");
  const names = help.stdout.split("\n").flatMap((line) => line.match(/^ {2}(\w+) {2}/)?.[1] ?? []);
  for (const name of names) {
    const { code, stdout } = await project.command(name, "--help");
    strictEqual(code, 0);
    match(stdout, new RegExp(`^Usage: deno task ${name}\\b.*\nExample: deno task ${name}\\b`, "m"));
  }
  const typed = `npx -y deno@${Deno.version.deno} task`;
  const { stdout } = await project.byNpx("gc", "--help");
  strictEqual(stdout.includes(`Example: ${typed} gc --older-than 30d --yes`), true);
  const { stderr } = await project.byNpx("status", "--jsn");
  strictEqual(stderr.split("\n")[1], `${typed} status --help lists the options`);
});

Deno.test("a word that is no command is told without a stack trace", async () => {
  await using project = await CommandProject.create({});
  equal(await project.command("statsu"), {
    code: 2,
    stdout: "",
    stderr: 'Cannot find a command "statsu": did you mean "status"?\n',
  });
});

Deno.test("explain says in words and as JSON what differs, and writes nothing", async () => {
  await using project = await CommandProject.create({
    ...TINY_STAGES,
    "tiny.yaml": TINY_CONFIG,
  });
  const said = async (...args: string[]) => {
    const { code, stdout, stderr } = await project.command("explain", "tiny.yaml", ...args);
    strictEqual(code, 0, stderr);
    return stdout.trimEnd().split("\n");
  };
  equal(await said("data"), ["data would run: first run"]);
  equal(project.list("outputs"), []);
  strictEqual((await project.command("run", "tiny.yaml", "--quiet")).code, 0);
  equal(await said("train"), ["train is fresh: nothing changed"]);
  equal(await said("train", "--set", "train.accuracy=0.75", "--set", "data.size=4"), [
    "train may run: data would run",
    "",
    "data would run:",
    "  data.size was 3 and is 4",
    "",
    "Whatever comes of that, train itself has changed:",
    "  train.accuracy was 0.5 and is 0.75",
  ]);
  const json = JSON.parse((await said("data", "--set", "data.size=4", "--json")).join("\n"));
  match(json.key, /^[0-9a-f]{64}$/);
  strictEqual(json.previous_key, project.json("outputs/tiny/data/artifact.json").key);
  equal([json.stage, json.status, json.causes], ["data", "would run", []]);
  equal(json.sentences, ["data.size was 3 and is 4"]);
  equal(json.differences, [{ path: ["parameters", "size"], before: 3, after: 4 }]);
});

Deno.test("explain of a sweep wants a point, and takes it", async () => {
  await using project = await CommandProject.create({
    ...TINY_STAGES,
    "grid.yaml": TINY_CONFIG + "sweep: { method: grid, parameters: { data.size: [3, 4] } }\n",
  });
  const bare = await project.command("explain", "grid.yaml", "data");
  equal([bare.code, bare.stderr.split("\n")], [2, [
    "Cannot explain the points of a sweep at once: add --point POINT",
    'Its points are "size-3" and "size-4"',
    "",
  ]]);
  const near = await project.command("explain", "grid.yaml", "data", "--point", "size_4");
  strictEqual(near.stderr, 'Cannot find point "size_4" of the sweep: did you mean "size-4"?\n');
  const point = await project.command("explain", "grid.yaml", "data", "--point", "size-4");
  strictEqual(point.stdout, "data would run: first run\n");
});

Deno.test("dag prints the graph of a config, and of one language only", async () => {
  await using project = await CommandProject.create({
    ...TINY_STAGES,
    "tiny.yaml": TINY_CONFIG,
  });
  const { code, stdout } = await project.command("dag", "tiny.yaml", "--mermaid");
  equal([code, stdout.split("\n")], [0, [
    "flowchart TD",
    '  data["data"]',
    '  train["train (pretend)"]',
    "  data -->|data| train",
    "",
  ]]);
  const both = await project.command("dag", "tiny.yaml", "--mermaid", "--dot");
  equal([both.code, both.stderr], [
    2,
    "Cannot print --mermaid and --dot at once: choose one\n",
  ]);
});

Deno.test("a plan that names classes of CIFAR-10 needs no more than the right to read", async () => {
  await using project = await CommandProject.create({
    "weights.yaml": `stages:
  preprocess: {}
  load-pretrained: { model: ${fromRoot("models/vit-tiny-patch8-64")} }
  train:
    class_weights: { cat: 2, unicorn: 3 }
`,
  });
  for (const command of [["explain", "weights.yaml", "train"], ["dag", "weights.yaml"]]) {
    const { code, stderr } = await project.command(command[0], ...command.slice(1));
    strictEqual(code, 2);
    match(stderr, /^weights\.yaml:5:\d+ Cannot give "unicorn" a weight .*"airplane", "automobile"/);
  }
});
