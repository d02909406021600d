import { deepEqual } from "node:assert/strict";
import { EXAMPLES } from "./examples.ts";

/**
 * Committed specs: a change of a figure shows as a difference that one can read and open in the Vega
 * editor. `deno run --allow-write --allow-read tests/figures/write_specs.ts` writes them anew.
 */
for (const { name, spec } of EXAMPLES) {
  Deno.test(`the spec of ${name} is the one that was looked at`, async () => {
    const path = new URL(`./specs/${name}.vl.json`, import.meta.url);
    deepEqual(JSON.parse(JSON.stringify(spec)), JSON.parse(await Deno.readTextFile(path)));
  });
}
