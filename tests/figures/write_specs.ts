/** Writes the specs that specs_test.ts compares with. Look at them before they are committed. */
import { EXAMPLES } from "./examples.ts";

const folder = new URL("./specs/", import.meta.url);
await Deno.mkdir(folder, { recursive: true });
for (const { name, spec } of EXAMPLES) {
  const path = new URL(`${name}.vl.json`, folder);
  await Deno.writeTextFile(path, JSON.stringify(spec, null, 2) + "\n");
}
