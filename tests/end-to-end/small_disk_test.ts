import { deepStrictEqual as equal, match, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { smallDisk, smallDisksWork } from "../pipeline/small_disk.ts";
import { faultsOfStore, resultsOf } from "../pipeline/store_check.ts";
import { ROOT, task } from "./project.ts";

const ignore = !(await smallDisksWork());
const WHY = ignore ? " (not tried: only root can mount a small disk)" : "";
const GOLDEN = join(ROOT, "tests/fixtures/golden");
/** KiB; the whole takes somewhat more than the last. */
const SIZES = Deno.env.get("VITRINE_LONG_TESTS") === "1"
  ? [64, 900, 1500, 2000, 2300, 2500]
  : [900, 2300, 2500];

const CONFIG = JSON.stringify({
  name: "small",
  stages: {
    preprocess: { dataset: { imagefolder: join(GOLDEN, "imagefolder") } },
    "load-pretrained": { model: join(GOLDEN, "vit"), head: "reinit" },
    freeze: { features: "float32" },
    train: { epochs: 2, batch_size: 16 },
    evaluate: {},
  },
});

Deno.test({
  name:
    `a disk that is too small for any of the stages is told, and with room the run goes on${WHY}`,
  ignore,
  async fn() {
    const ends: unknown[] = [];
    for (const size of SIZES) {
      await using disk = await smallDisk(`${size}k`);
      Deno.writeTextFileSync(join(disk.path, "deno.json"), "{}");
      const config = join(disk.path, "small.yaml");
      Deno.writeTextFileSync(config, CONFIG);
      const run = () => task("run", [config, "--threads", "1", "--quiet"]);
      const full = await run();
      const said = full.stderr + full.stdout;
      strictEqual(full.code, 1, `${size} KiB: ${said}`);
      match(said, /Cannot [^\n]+ (the disk is full|the disk has [^\n]+ free)\n *[A-Z][^\n]+\n/);
      equal(faultsOfStore(disk.path), [], `${size} KiB`);
      await disk.remount("size=16m");
      const again = await run();
      strictEqual(again.code, 0, `${size} KiB: ${again.stderr}`);
      equal(faultsOfStore(disk.path), []);
      ends.push(resultsOf(disk.path, "small"));
    }
    for (const end of ends) equal(end, ends[0]);
  },
});
