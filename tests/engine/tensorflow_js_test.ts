import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { wheelOfThisPlatform } from "../../engine/wheel.ts";
import { bundleSpecs } from "./tensorflow_js/bundle.ts";
import { LeftOut, SpecResults } from "./tensorflow_js/run.ts";

/** How many specs there are at least: a run that finds none must not pass. */
const FEWEST = 3900;

Deno.test({
  name:
    "the specs of TensorFlow.js pass on the engine tensorflow, but for those listed with a reason",
  ignore: wheelOfThisPlatform() === undefined,
  async fn() {
    const folder = await Deno.makeTempDir();
    try {
      const bundle = join(folder, "specs.cjs");
      await bundleSpecs(bundle);
      const list = fileURLToPath(new URL("tensorflow_js/left_out.json", import.meta.url));
      const program = fileURLToPath(new URL("tensorflow_js/run.ts", import.meta.url));
      const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
        args: ["run", "--allow-all", "--no-check", program, bundle, list],
      }).output();
      assert.equal(code, 0, new TextDecoder().decode(stderr));
      const lines = new TextDecoder().decode(stdout).trimEnd().split("\n");
      const results = SpecResults.parse(JSON.parse(lines.at(-1)!));
      const { passed, failed, leftOut } = results;
      console.log(
        `${passed.length} specs passed, ${failed.length} failed, ${leftOut.length} left out`,
      );
      assert.deepEqual(failed, []);
      const listed = LeftOut.parse(JSON.parse(await Deno.readTextFile(list)))
        .flatMap(({ specs }) => specs);
      assert.deepEqual([...new Set(leftOut)].sort(), listed.toSorted());
      assert.ok(passed.length >= FEWEST, `only ${passed.length} specs were found`);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});
