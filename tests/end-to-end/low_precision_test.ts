import { match, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { wheelOfThisPlatform } from "../../engine/wheel.ts";
import { ROOT, startTask, statuses, task, temporaryProject } from "./project.ts";

const GOLDEN = join(ROOT, "tests/fixtures/golden");
const CONFIG = JSON.stringify({
  stages: {
    preprocess: { dataset: { imagefolder: join(GOLDEN, "imagefolder") } },
    "load-pretrained": { model: join(GOLDEN, "vit"), head: "reinit" },
    freeze: { blocks: 2, features: "float32" },
    train: { epochs: 6, batch_size: 8, precision: "float16" },
  },
});
const ignore = wheelOfThisPlatform() === undefined;

Deno.test({
  name:
    "training in float16 that is killed goes on, and ends with the same bytes; figures are drawn " +
    "anew on an engine without such numbers",
  ignore,
  async fn() {
    await using project = await temporaryProject({ "whole.yaml": CONFIG });
    await using other = await temporaryProject({ "killed.yaml": CONFIG });
    const args = (path: string) => [path, "--threads", "1", "--engine", "tensorflow"];
    const whole = await task("run", args(join(project.path, "whole.yaml")));
    strictEqual(whole.code, 0, whole.stderr);

    const config = join(other.path, "killed.yaml");
    const run = join(other.path, "outputs/killed");
    const child = startTask("run", args(config));
    await child.until(/epoch 3\/6:/);
    child.kill("SIGKILL");
    await child.ended;
    const again = await task("run", args(config));
    strictEqual(again.code, 0, again.stderr);
    strictEqual(statuses(run).train, "resumed");

    const read = (...path: string[]) => JSON.parse(Deno.readTextFileSync(join(...path)));
    const { content } = read(project.path, "outputs/whole/train/artifact.json");
    match(content, /^[0-9a-f]{64}$/);
    strictEqual(read(run, "train/artifact.json").content, content);
    await Deno.remove(join(other.path, "outputs/.store/figures"), { recursive: true });
    const drawn = await task("run", [config, "--engine", "wasm"]);
    strictEqual(drawn.code, 0, drawn.stderr);
    strictEqual(statuses(run).train, "redrawn");
    const changed = await task("run", [config, "--engine", "wasm", "--set", "train.epochs=1"]);
    strictEqual(changed.code, 2);
    match(changed.stderr, /Cannot train in float16: the engine wasm has no such numbers/);
  },
});
