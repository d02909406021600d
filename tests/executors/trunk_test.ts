import { deepStrictEqual as equal, match, ok, strictEqual } from "node:assert/strict";
import { join, resolve } from "node:path";
import { CommandProject } from "../commands/project.ts";
import { FakeScheduler } from "./fake_scheduler.ts";
import { runBy } from "./project.ts";

const ROOT = resolve(import.meta.dirname!, "../..");
const GOLDEN = join(ROOT, "tests/fixtures/golden");

const CONFIG = JSON.stringify({
  executor: { slurm: { array_limit: 2, cpus_per_task: 1 } },
  stages: {
    preprocess: { dataset: { imagefolder: join(GOLDEN, "imagefolder") } },
    "load-pretrained": { model: join(GOLDEN, "vit"), head: "reinit" },
    shards: { uses: join(ROOT, "tests/end-to-end/small-shards/mod.ts") },
  },
});

/** What the shards' artifact is: its key, and the digest of all that is in it. */
function shardsOf(project: CommandProject): { key: string; content: string; files: unknown } {
  const [key, ...others] = project.list("outputs/.store/shards");
  equal(others, []);
  const { content, files } = project.json(`outputs/.store/shards/${key}/artifact.json`);
  return { key, content, files };
}

Deno.test("a trunk's shards are the same bytes, whether one worker computes them or two", async () => {
  await using alone = await CommandProject.create({ "trunk.yaml": CONFIG });
  const { code, stderr } = await alone.command("run", "trunk.yaml", "--threads", "1", "--quiet");
  strictEqual(code, 0, stderr);
  await using project = await CommandProject.create({ "trunk.yaml": CONFIG });
  const scheduler = new FakeScheduler({ places: 2 });
  await runBy(scheduler, project, "trunk.yaml");
  await scheduler.idle();
  const { exit, errors } = await runBy(scheduler, project, "trunk.yaml");
  strictEqual(exit, 0, errors);
  equal(shardsOf(project), shardsOf(alone));
  const count = project.list("outputs/.store/shards-part").length;
  ok(count > 1, "or else this test tests nothing");
  // The run took them all, without an engine.
  const log = Deno.readTextFileSync(
    join(project.path, "outputs/trunk/.cluster/logs", newestLog(project)),
  );
  match(log, new RegExp(`${count} of ${count} shards were made by other workers`));
  const made = project.json("outputs/trunk/shards/artifact.json").made;
  strictEqual(made.engine, undefined);
});

function newestLog(project: CommandProject): string {
  return project.list("outputs/trunk/.cluster/logs").at(-1)!;
}
