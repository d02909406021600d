import { deepStrictEqual as equal, match, ok, strictEqual } from "node:assert/strict";
import { CommandProject, TINY_CONFIG, TINY_STAGES } from "./project.ts";

async function tinyProject() {
  return await CommandProject.create({ ...TINY_STAGES, "tiny.yaml": TINY_CONFIG });
}

async function run(project: CommandProject, ...args: string[]): Promise<void> {
  const { code, stderr } = await project.command("run", ...args, "--quiet");
  strictEqual(code, 0, stderr);
}

const PAGE = "outputs/tiny/report.html";

/** The line under "The same run again:", and what is set beside the config, of a report.md. */
function asked(markdown: string): { command: string; settings: string[] } {
  return {
    command: markdown.match(/The same run again:\n\n```sh\n(.*)\n```/)![1],
    settings: markdown.match(/With these values .*:\n\n```text\n([^`]*)\n```/)?.[1].split("\n") ??
      [],
  };
}

Deno.test("where nothing has changed the report is not written again", async () => {
  await using project = await tinyProject();
  await run(project, "tiny.yaml");
  project.write(PAGE, project.read(PAGE) + "<!-- the same file -->");
  await run(project, "tiny.yaml");
  match(project.read(PAGE), /<!-- the same file -->$/);
});

Deno.test("a report that a kill left behind is written by the next run, though all is fresh", async () => {
  await using project = await tinyProject();
  await run(project, "tiny.yaml");
  const old = project.read(PAGE);
  await run(project, "tiny.yaml", "--set", "data.size=5");
  const page = project.read(PAGE);
  match(page, /data\.size=5/);
  // Killed after the last stage and before the report: the folder is new, the page is not.
  project.write(PAGE, old);
  await run(project, "tiny.yaml", "--set", "data.size=5");
  match(project.read(PAGE), /data\.size=5/);
  Deno.removeSync(`${project.path}/outputs/tiny/report.md`);
  await run(project, "tiny.yaml", "--set", "data.size=5");
  ok(project.read("outputs/tiny/report.md").includes("data.size=5"));
});

Deno.test("a report follows what changes no key: the config's path, its text, its defaults", async () => {
  await using project = await tinyProject();
  await run(project, "tiny.yaml");
  project.write("tiny.yaml", TINY_CONFIG + "# as always\n");
  await run(project, "tiny.yaml");
  match(project.read(PAGE), /# as always/);
  Deno.renameSync(`${project.path}/tiny.yaml`, `${project.path}/renamed.yaml`);
  await run(project, "renamed.yaml", "--name", "tiny");
  match(project.read(PAGE), /deno task run renamed\.yaml --name tiny/);
  match(project.read(PAGE), /<dd>renamed\.yaml<\/dd>/);
});

Deno.test("a report after a failure is replaced when the stage has come through", async () => {
  await using project = await tinyProject();
  const failing = ["tiny.yaml", "--set", "train.accuracy=-1", "--quiet"];
  strictEqual((await project.command("run", ...failing)).code, 1);
  match(project.read(PAGE), /It does not learn/);
  await run(project, "tiny.yaml");
  ok(!project.read(PAGE).includes("It does not learn"));
});

Deno.test("the report's command has what was set, quoted for a shell", async () => {
  await using project = await tinyProject();
  const settings = ["data.size=5", "train={ uses: ./stages/train.ts, loss: 2 }"];
  await run(project, "tiny.yaml", ...settings.flatMap((one) => ["--set", one]), "--name", "other");
  equal(asked(project.read("outputs/other/report.md")), {
    command: `deno task run tiny.yaml --set ${settings[0]} --set '${settings[1]}' --name other`,
    settings,
  });
  await run(project, "tiny.yaml");
  equal(asked(project.read("outputs/tiny/report.md")), {
    command: "deno task run tiny.yaml",
    settings: [],
  });
});

const GRID = TINY_CONFIG + `sweep:
  method: grid
  parameters: { train.accuracy: [0.25, 0.5] }
`;

Deno.test("the report of a sweep's point has the command for that point, and it works", async () => {
  await using project = await CommandProject.create({ ...TINY_STAGES, "grid.yaml": GRID });
  await run(project, "grid.yaml", "--set", "data.size=4");
  const place = "outputs/grid/accuracy-0.5";
  const { command, settings } = asked(project.read(`${place}/report.md`));
  strictEqual(command, "deno task run grid.yaml --set data.size=4 --point accuracy-0.5");
  equal(settings, ["data.size=4", "train.accuracy=0.5"]);
  const before = project.json("outputs/grid/sweep.json");
  const [, , word, ...rest] = command.split(" ");
  const { code, stdout } = await project.command(word, ...rest);
  strictEqual(code, 0);
  match(stdout, /^== accuracy-0\.5 \(1 of 1\)$/m);
  const after = project.json("outputs/grid/sweep.json");
  strictEqual(after.best, "accuracy-0.5");
  equal(after.points.map(({ name }: { name: string }) => name), ["accuracy-0.5", "accuracy-0.25"]);
  // The other point was run and is not run again.
  equal(after.points[1], before.points[1]);
});

Deno.test("one point of a sweep that was never run leaves the others as not reached", async () => {
  await using project = await CommandProject.create({ ...TINY_STAGES, "grid.yaml": GRID });
  await run(project, "grid.yaml", "--point", "accuracy-0.25");
  equal(
    project.json("outputs/grid/sweep.json").points.map(
      ({ name, status }: { name: string; status: string }) => [name, status],
    ),
    [["accuracy-0.25", "ran"], ["accuracy-0.5", "not reached"]],
  );
  const { code, stderr } = await project.command("run", "grid.yaml", "--point", "accuracy-0.255");
  equal([code, stderr], [
    2,
    'Cannot find point "accuracy-0.255" of the sweep: did you mean "accuracy-0.25"?\n',
  ]);
});

Deno.test("an engine that there is not is refused before anything runs", async () => {
  await using project = await tinyProject();
  const { code, stderr } = await project.command("run", "tiny.yaml", "--engine", "webgl");
  equal([code, stderr.split("\n")[0]], [
    2,
    'Cannot use "webgl" for --engine: did you mean "webgpu"?',
  ]);
  equal(project.list("outputs"), []);
  const help = await project.command("run", "--help");
  match(help.stdout, /\(auto, tensorflow, webgpu, wasm\)/);
});

Deno.test("validate checks every config, whatever is wrong with the first", async () => {
  await using project = await CommandProject.create({
    ...TINY_STAGES,
    "twice.yaml": GRID,
    "tiny.yaml": TINY_CONFIG,
  });
  const configs = ["twice.yaml", "tiny.yaml"];
  const setting = "train.accuracy=0.75";
  const { code, stdout, stderr } = await project.command("validate", ...configs, "--set", setting);
  strictEqual(code, 2);
  match(stderr, /^Cannot use --set train\.accuracy=0\.75: the sweep varies "train\.accuracy"\n/);
  strictEqual(stdout, "tiny.yaml: nothing wrong; 2 stages: data, train\n");
});
