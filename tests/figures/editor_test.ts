import { ok } from "node:assert/strict";
import { render } from "../../figures/render.ts";
import { inBrowser } from "../in_browser.ts";
import { Editor } from "./editor.ts";
import { EXAMPLES } from "./examples.ts";
import { difference, OTHER_RENDERER, small } from "./perception.ts";

const LONG = Deno.env.get("VITRINE_LONG_TESTS") === "1";
/** One of lines, one of pictures, one of cells with text; all in the long tests. */
const SOME = ["learning-curves", "attention-1", "likeness-before-after"];
const SHOWN = LONG ? EXAMPLES : EXAMPLES.filter(({ name }) => SOME.includes(name));

inBrowser("the Vega editor and a browser show what the PNG shows", async (browser, context) => {
  await using editor = await Editor.open(browser);
  for (const example of SHOWN) {
    await context.step(example.name, async () => {
      const { svg, png } = await render(example);
      const ours = await small(png);
      for (
        const [what, shot] of [
          ["the editor's canvas", await editor.draw(example.spec, "canvas")],
          ["the editor's SVG", await editor.draw(example.spec, "svg")],
          ["the SVG file", await editor.show(svg)],
        ] as const
      ) {
        const { worst } = difference(await small(shot), ours);
        ok(worst < OTHER_RENDERER, `${what}: a square differs by ${worst.toFixed(1)}`);
      }
    });
  }
});
