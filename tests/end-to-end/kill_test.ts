import { deepStrictEqual as equal, ok, strictEqual } from "node:assert/strict";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { random } from "../../base/random.ts";
import { faultsOfStore, resultsOf } from "../pipeline/store_check.ts";
import { ROOT, task, taskArguments, temporaryProject } from "./project.ts";

const KILLS = Deno.env.get("VITRINE_LONG_TESTS") === "1" ? 50 : 6;
/** Another one kills at other moments: `VITRINE_SEED=2 deno task test end-to-end`. */
const SEED = Number(Deno.env.get("VITRINE_SEED") ?? 1);
const EPOCHS = 12;
const GOLDEN = join(ROOT, "tests/fixtures/golden");
const STAGES = ["preprocess", "load-pretrained", "freeze", "shards", "train", "evaluate"];

const CONFIG = JSON.stringify({
  name: "killed",
  stages: {
    preprocess: { dataset: { imagefolder: "images" } },
    "load-pretrained": { model: join(GOLDEN, "vit"), head: "reinit" },
    freeze: { features: "float32" },
    shards: { uses: join(ROOT, "tests/end-to-end/small-shards/mod.ts") },
    train: { epochs: EPOCHS, batch_size: 16 },
    evaluate: {},
  },
});

/** A project with three times the images of the golden folder. */
async function createProject() {
  const project = await temporaryProject({ "killed.yaml": CONFIG });
  for (const split of ["train", "validation", "test"]) {
    for (const { name: label } of Deno.readDirSync(join(GOLDEN, "imagefolder", split))) {
      const to = join(project.path, "images", split, label);
      Deno.mkdirSync(to, { recursive: true });
      for (const { name } of Deno.readDirSync(join(GOLDEN, "imagefolder", split, label))) {
        const from = join(GOLDEN, "imagefolder", split, label, name);
        for (let i = 0; i < 3; i++) Deno.copyFileSync(from, join(to, `${i}-${name}`));
      }
    }
  }
  return project;
}

const ARGUMENTS = ["--threads", "1"];

/** Digest of every result, of a run that nothing came between, and how long it took. */
async function neverKilled(): Promise<{ results: Record<string, string>; milliseconds: number }> {
  await using project = await createProject();
  const started = performance.now();
  const { code, stderr } = await task("run", [join(project.path, "killed.yaml"), ...ARGUMENTS]);
  strictEqual(code, 0, stderr);
  const milliseconds = performance.now() - started;
  return { results: resultsOf(project.path, "killed"), milliseconds };
}

/** Starts a run in a process group of its own. */
function start(config: string, ...args: string[]): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: [...taskArguments("run"), config, ...ARGUMENTS, ...args],
    cwd: ROOT,
    env: { NO_COLOR: "1" },
    detached: true,
    stdout: "null",
    stderr: "null",
  }).spawn();
}

/** Kills a run's whole process group after some time. @returns exit code, or undefined where it was killed. */
async function runFor(config: string, milliseconds: number): Promise<number | undefined> {
  const child = start(config);
  let killed = false;
  const timer = setTimeout(() => {
    killed = true;
    Deno.kill(-child.pid, "SIGKILL"); // the whole group
  }, milliseconds);
  const { code } = await child.status;
  clearTimeout(timer);
  return killed ? undefined : code;
}

/** What a kill has left in scratch that is whole, by the digest beside it. */
function paidFor(project: string): { shards: number; epoch: number } {
  const scratch = join(project, "outputs/.store/scratch");
  let [shards, epoch] = [0, 0];
  for (const folder of list(scratch)) {
    const place = join(scratch, folder, "checkpoint");
    for (const name of list(place).filter((name) => name.endsWith(".safetensors"))) {
      const bytes = Deno.readFileSync(join(place, name));
      const digest = createHash("sha256").update(bytes).digest("hex");
      const allowed = Deno.readTextFileSync(join(place, `${name}.sha256`)).split("\n");
      ok(allowed.includes(digest), `${folder}: ${name} is half`);
      if (folder.startsWith("shards-")) shards++;
      if (folder.startsWith("train-")) epoch = epochIn(bytes);
    }
  }
  return { shards, epoch };
}

/** Whole epochs in a checkpoint of training: see stages/train/place.ts. */
function epochIn(bytes: Uint8Array<ArrayBuffer>): number {
  const size = Number(new DataView(bytes.buffer).getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + size)));
  return JSON.parse(header.__metadata__.place).epoch;
}

function list(folder: string): string[] {
  try {
    return [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
  } catch {
    return [];
  }
}

interface Event {
  readonly type: string;
  readonly text?: string;
}

/** Events of a stage in the run that ended last. */
function eventsOf(project: string, stage: string): Event[] {
  const path = join(project, "outputs/killed/events.jsonl");
  let text = "";
  try {
    text = Deno.readTextFileSync(path);
  } catch {
    return []; // it was killed before it began
  }
  return text.split("\n").flatMap((line) => {
    if (!line.endsWith("}")) return [];
    const event = JSON.parse(line);
    return event.stage === stage ? [event] : [];
  });
}

const linesIn = (events: readonly Event[]) =>
  events.flatMap(({ type, text }) => type === "line" ? text! : []);

function numberIn(lines: readonly string[], pattern: RegExp): number | undefined {
  const found = lines.map((line) => pattern.exec(line)?.[1]).find((text) => text !== undefined);
  return found === undefined ? undefined : Number(found);
}

const SHARDS_KEPT = /^Going on from (\d+) of \d+ shards/;

Deno.test("shards that are whole when a run is killed are not computed again", async () => {
  await using project = await createProject();
  const { path } = project;
  const config = join(path, "killed.yaml");
  const child = start(config, "--until", "shards");
  let over = false;
  child.status.then(() => over = true);
  const scratch = join(path, "outputs/.store/scratch");
  const kept = () =>
    list(scratch).filter((name) => name.startsWith("shards-"))
      .flatMap((name) => list(join(scratch, name, "checkpoint")))
      .filter((name) => name.endsWith(".safetensors"));
  while (!over && kept().length < 3) await new Promise((resolve) => setTimeout(resolve, 2));
  ok(!over, "or else this test tests nothing");
  Deno.kill(-child.pid, "SIGKILL");
  await child.status;
  equal(list(join(path, "outputs/.store/shards")), [], "or else this test tests nothing");
  const { shards } = paidFor(path);
  ok(shards >= 3, `${shards} shards`);
  const again = await task("run", [config, ...ARGUMENTS, "--until", "shards"]);
  strictEqual(again.code, 0, again.stderr);
  strictEqual(numberIn(linesIn(eventsOf(path, "shards")), SHARDS_KEPT), shards);
});

Deno.test(`a run killed ${KILLS} times ends with the bytes of one never killed, and pays for nothing twice`, async () => {
  const whole = await neverKilled();
  const moments = random(SEED, "kills");
  let [kills, lives, epochs, resumed] = [0, 0, 0, 0];
  while (kills < KILLS) {
    await using project = await createProject();
    const config = join(project.path, "killed.yaml");
    const { path } = project;
    let before = { shards: 0, epoch: 0 };
    let inThisLife = 0;
    epochs = 0;
    for (let over = false; !over;) {
      // Late enough for most of them to hit work, and also after the last of it.
      const wait = kills < KILLS ? (0.1 + moments.uniform()) * whole.milliseconds : 1e9;
      const has = (kind: string) => list(join(path, "outputs/.store", kind)).length > 0;
      const published = { train: has("train"), shards: has("shards") };
      // A run that is killed before it begins its own would leave that of the one before.
      await Deno.remove(join(path, "outputs/killed/events.jsonl")).catch(() => {});
      const code = await runFor(config, wait);
      over = code !== undefined;
      if (!over) [kills, inThisLife] = [kills + 1, inThisLife + 1];
      else strictEqual(code, 0);
      const where = `kill ${kills} of seed ${SEED}`;
      equal(faultsOfStore(path), [], where);
      const training = linesIn(eventsOf(path, "train"));
      epochs += training.filter((line) => /^epoch \d+\//.test(line)).length;
      const from = numberIn(training, /^Going on from epoch (\d+)/); // counts from 1
      if (training.length > 0 && before.epoch > 0 && !published.train) {
        resumed++;
        ok(
          from !== undefined && from > before.epoch,
          `${where}: from ${from}, had ${before.epoch}`,
        );
      }
      const computing = eventsOf(path, "shards");
      const shards = numberIn(linesIn(computing), SHARDS_KEPT);
      const came = computing.some(({ type }) => type === "progress" || type === "stage-finished");
      if (came && before.shards > 0 && !published.shards) {
        ok(
          shards !== undefined && shards >= before.shards,
          `${where}: ${shards} of ${before.shards} shards`,
        );
      }
      before = paidFor(path);
    }
    lives++;
    // A kill can only take the epoch that was in hand.
    ok(epochs >= EPOCHS && epochs <= EPOCHS + inThisLife, `${epochs} epochs, ${inThisLife} kills`);
    equal(resultsOf(path, "killed"), whole.results);
    equal(list(join(path, "outputs/.store/scratch")), []);
    equal(list(join(path, "outputs/.store/aside")), []);
  }
  ok(Object.keys(whole.results).some((name) => name.startsWith("shards/features/")));
  equal(
    STAGES.filter((stage) => !Object.keys(whole.results).some((name) => name.startsWith(stage))),
    [],
  );
  if (KILLS > 6) console.log(`${kills} kills in ${lives} runs; training went on ${resumed} times`);
});
