import { deepStrictEqual as equal, match, ok } from "node:assert/strict";
import { render } from "../../figures/render.ts";
import type { Artifact, FigureSpec } from "../../stages/stage.ts";
import { draw } from "../../stages/worked-example/draw.ts";
import { makeArtifact } from "./artifact.ts";
import { work } from "../stages/worked-example/work.ts";

async function figuresOf(text: string, measured: readonly Artifact[] = []): Promise<FigureSpec[]> {
  const { result } = await work(text, measured);
  const artifact = await makeArtifact("worked-example", { "result.json": result });
  const figures = await draw(artifact);
  for (const one of figures) ok((await render(one)).svg.includes("<svg"), one.name);
  return figures;
}

const NAMES = ["patch-grid", "attention-matrices", "attention-arrows", "cost-over-length"];

Deno.test("the theory's figures are drawn, of squares and of rectangles", async () => {
  equal((await figuresOf("")).map(({ name }) => name), NAMES);
  const odd = await figuresOf(
    "    patches: { image: [30, 3000], patch: [15, 6] }\n" +
      "    attention: { patches: [[-1]], query: [[1]], key: [[0]], value: [[2], [-3]] }\n" +
      "    comparison: { n: 1, d: 1 }\n",
  );
  equal(odd.map(({ name }) => name), NAMES);
  match(odd[0].description, /30 × 3000 pixels under a grid of 2 rows of 500 patches/);
});

Deno.test("more patches than arrows have room for leave the arrows out, and large matrices are cut", async () => {
  const patches = Array.from({ length: 80 }, (_, i) => [i / 80, 1 - i / 80]);
  const figures = await figuresOf(`    attention: { patches: ${JSON.stringify(patches)} }\n`);
  equal(figures.map(({ name }) => name), NAMES.filter((name) => name !== "attention-arrows"));
  match(JSON.stringify(figures[1].spec.title), /Only the first 64 rows and columns/);
});

Deno.test("what was measured has a figure of its own", async () => {
  const measured = await Promise.all(["cnn", "vit"].map((family) =>
    makeArtifact("evaluate", {
      "metrics.json": {
        model: { family, parameters: 1000 },
        images: 10,
        loss: 1,
        accuracy: 0.5,
        top5_accuracy: null,
        per_class: [{ class: "a", images: 10, correct: 5, accuracy: 0.5 }],
        confusion: [[10]],
        calibration: { expected_calibration_error: 0, bins: [] },
        mistakes: [],
      },
    })
  ));
  const figures = await figuresOf("", measured);
  equal(figures.map(({ name }) => name), [...NAMES, "measured-accuracy"]);
  match(
    figures[4].description,
    /CNN, 1,000 parameters: 50\.0% \(23\.7% to 76\.3%\); Transformer, 1,000 parameters: 50\.0%/,
  );
});

Deno.test("arrows are left out of weights that would be written as 0.0%", async () => {
  const [, , arrows] = await figuresOf(
    "    attention: { patches: [[10], [0]], query: [[1]], key: [[1]], value: [[1]] }\n",
  );
  const heads = (arrows.spec.data.values as { headX?: number; asks: string }[])
    .filter(({ headX }) => headX !== undefined);
  // Patch 1 attends to itself alone; patch 2 to both: two strokes an arrow.
  equal(heads.map(({ asks }) => asks), [1, 1, 2, 2, 2, 2].map((i) => `patch ${i} attends to`));
});
