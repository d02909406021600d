import { deepStrictEqual as equal, ok, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { faultsOfStore } from "../pipeline/store_check.ts";
import { ROOT, startTask, temporaryProject } from "./project.ts";

const RUNS = 8;
const GOLDEN = join(ROOT, "tests/fixtures/golden");

const CONFIG = JSON.stringify({
  name: "many",
  stages: {
    preprocess: { dataset: { imagefolder: join(GOLDEN, "imagefolder") } },
    "load-pretrained": { model: join(GOLDEN, "vit"), head: "reinit" },
    freeze: { features: "float32" },
    train: { epochs: 3, batch_size: 16 },
    evaluate: {},
  },
});
const STAGES = ["preprocess", "load-pretrained", "freeze", "train", "evaluate"];

interface Event {
  type: string;
  stage?: string;
  status?: string;
  pid?: number;
}

/** What `--json` has printed. */
const eventsOf = (stdout: string): Event[] =>
  stdout.trimEnd().split("\n").map((line) => JSON.parse(line));

Deno.test(`of ${RUNS} runs of one config side by side one does each stage, and all end well`, async () => {
  await using project = await temporaryProject({ "many.yaml": CONFIG });
  const config = join(project.path, "many.yaml");
  const runs = Array.from(
    { length: RUNS },
    (_, i) => startTask("run", [config, "--threads", "1", "--json", "--name", `many-${i}`]),
  );
  const ends = await Promise.all(runs.map(({ ended }) => ended));
  equal(
    ends.map(({ code }) => code),
    Array(RUNS).fill(0),
    ends.map(({ stdout, stderr }) => stdout.slice(-2000) + stderr).join(),
  );
  const events = ends.flatMap(({ stdout }) => eventsOf(stdout));
  const finished = events.filter(({ type }) => type === "stage-finished");
  for (const stage of STAGES) {
    const statuses = finished.filter((event) => event.stage === stage).map(({ status }) => status);
    // Figures have a key and a lock of their own: once the data is there, who comes first draws them.
    const redrawn = statuses.filter((status) => status === "redrawn").length;
    ok(redrawn <= 1, `${stage}: ${statuses}`);
    const restored = Array(RUNS - 1 - redrawn).fill("restored");
    equal(statuses.sort(), ["ran", ...Array(redrawn).fill("redrawn"), ...restored], stage);
  }
  const waited = events.filter(({ type }) => type === "waiting");
  const pids = runs.map(({ pid }) => pid);
  ok(waited.length > 0 && waited.every(({ pid }) => pids.includes(pid!)), JSON.stringify(waited));
  equal(faultsOfStore(project.path), []);
  equal([...Deno.readDirSync(join(project.path, "outputs/.store/scratch"))], []);
});

Deno.test("runs of one name side by side leave a run folder that is whole", async () => {
  await using project = await temporaryProject({ "many.yaml": CONFIG });
  const config = join(project.path, "many.yaml");
  const runs = Array.from(
    { length: 3 },
    () => startTask("run", [config, "--threads", "1", "--json", "--until", "load-pretrained"]),
  );
  const ends = await Promise.all(runs.map(({ ended }) => ended));
  equal(ends.map(({ code }) => code), [0, 0, 0], ends.map(({ stderr }) => stderr).join());
  for (const stage of ["preprocess", "load-pretrained"]) {
    const folder = join(project.path, "outputs/many", stage);
    const { files } = JSON.parse(Deno.readTextFileSync(join(folder, "artifact.json")));
    for (const [name, { size }] of Object.entries<{ size: number }>(files)) {
      strictEqual(Deno.statSync(join(folder, name)).size, size, name);
    }
  }
});

Deno.test("who waits for a run that is killed goes on in its place", async () => {
  const epochs = JSON.parse(CONFIG);
  epochs.stages.train.epochs = 200; // there is time to kill it
  await using project = await temporaryProject({ "many.yaml": JSON.stringify(epochs) });
  const config = join(project.path, "many.yaml");
  const start = (name: string) =>
    startTask(
      "run",
      [config, "--threads", "1", "--json", "--until", "train", "--name", name],
    );
  const first = start("first");
  await first.until(/epoch 2\/200:/);
  const second = start("second");
  await second.until(new RegExp(`"type":"waiting","stage":"train","pid":${first.pid}`));
  first.kill("SIGKILL");
  await first.ended;
  const { code, stdout, stderr } = await second.ended;
  strictEqual(code, 0, stdout.slice(-2000) + stderr);
  const train = eventsOf(stdout)
    .find(({ type, stage }) => type === "stage-finished" && stage === "train");
  strictEqual(train?.status, "resumed");
});
