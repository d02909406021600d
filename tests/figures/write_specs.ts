/**
 * Writes the specs and the small pictures that specs_test.ts and perception_test.ts compare with.
 * Look at the pictures, at full size too (`--full FOLDER` writes them there), before they are
 * committed. A picture that looks as it did keeps its bytes.
 */
import { join } from "node:path";
import { render } from "../../figures/render.ts";
import { EXAMPLES } from "./examples.ts";
import { decode, difference, NOTICED, small, toPng } from "./perception.ts";

const folder = new URL("./specs/", import.meta.url);
const full = Deno.args[0] === "--full" ? Deno.args[1] : undefined;
await Deno.mkdir(folder, { recursive: true });
if (full !== undefined) await Deno.mkdir(full, { recursive: true });
for (const example of EXAMPLES) {
  const { name, spec } = example;
  await Deno.writeTextFile(
    new URL(`${name}.vl.json`, folder),
    JSON.stringify(spec, null, 2) + "\n",
  );
  const { png } = await render(example);
  if (full !== undefined) await Deno.writeFile(join(full, `${name}.png`), png);
  const path = new URL(`${name}.png`, folder);
  const before = await Deno.readFile(path).catch(() => undefined);
  const now = await small(png);
  if (before !== undefined && difference(await decode(before), now).worst < NOTICED) continue;
  await Deno.writeFile(path, await toPng(now));
}
