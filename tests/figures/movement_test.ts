import { equal, match } from "node:assert/strict";
import { likeness } from "../../figures/likeness.ts";
import { movement } from "../../figures/movement.ts";
import { render } from "../../figures/render.ts";

Deno.test("weights that stayed are counted, and the part that moved farthest is named", async () => {
  const figure = movement([
    { part: "embeddings", role: null, relative: 0 },
    { part: "block 0", role: null, relative: 0 },
    { part: "block 0", role: "attention", relative: 0 },
    { part: "block 1", role: null, relative: 0.125 },
    { part: "block 1", role: "attention", relative: 0.25 },
    { part: "block 1", role: "mlp", relative: 0.0625 },
    { part: "norm", role: null, relative: null },
  ]);
  match(
    figure.description,
    /Not moved: embeddings, block 0\. Farthest as a whole: block 1, 12\.50%/,
  );
  const { svg } = await render(figure);
  match(svg, /Not moved at all: 2 of 4 parts/);
});

Deno.test("likeness that is not defined is a dash, and what is below 0 by chance is 0", async () => {
  const figure = likeness({
    places: ["embeddings", "block 0"],
    classToken: [[null, null], [null, 0.987]],
    patches: [[1, 0.5], [-0.01, 0.25]],
    images: 128,
  });
  match(figure.description, /class token 0\.99, mean of the patches 0\.25\.$/);
  const { svg } = await render(figure);
  const numbers = [...svg.matchAll(/>(–|\.\d\d|1\.00)<\/text>/g)].map(([, text]) => text);
  equal(numbers.join(" "), "– – – .99 1.00 .50 .00 .25");
});
