import { equal, match, ok } from "node:assert/strict";
import sharp from "sharp";
import { render } from "../../figures/render.ts";
import type { FigureSpec } from "../../stages/stage.ts";
import { draw as drawTest } from "../../stages/evaluate/draw.ts";
import { draw as drawFreezing } from "../../stages/freeze/draw.ts";
import { draw as drawModel } from "../../stages/load-pretrained/draw.ts";
import { draw as drawData } from "../../stages/preprocess/draw.ts";
import { draw as drawProbe } from "../../stages/linear-probe/draw.ts";
import { draw as drawTraining } from "../../stages/train/draw.ts";
import { draw as drawAttention } from "../../stages/visualize/draw.ts";
import { ORDINARY, type Shape, STAGES } from "./made_up.ts";

const DRAW = {
  "preprocess": drawData,
  "load-pretrained": drawModel,
  "freeze": drawFreezing,
  "train": drawTraining,
  "linear-probe": drawProbe,
  "evaluate": drawTest,
  "visualize": drawAttention,
};
type Kind = keyof typeof DRAW;

async function draw(kind: Kind, change: Partial<Shape> = {}): Promise<FigureSpec[]> {
  const artifact = await STAGES[kind]({ ...ORDINARY, ...change });
  try {
    return await DRAW[kind](artifact);
  } finally {
    await Deno.remove(artifact.path, { recursive: true });
  }
}

/** Draws each figure, and checks what must hold for all. */
async function check(figures: readonly FigureSpec[], names: readonly string[]): Promise<void> {
  equal(figures.map(({ name }) => name).join(" "), names.join(" "));
  for (const { name, title, description, spec } of figures) {
    const { svg, png } = await render({ name, title, description, spec });
    const heading = title.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
    // Twice: for those who hear the picture, and in the picture.
    ok(svg.split(heading).length > 2, `${name}: its title is not in the SVG`);
    ok(description.length > 40, `${name}: its description says little`);
    ok(await colours(png) > 5, `${name}: the PNG is blank`);
    equal(addresses(svg + JSON.stringify(spec)).join(" "), "", `${name} refers to the network`);
  }
}

/** Addresses in a text, but for the names of the formats themselves, which nothing fetches. */
function addresses(text: string): string[] {
  const formats = [
    "https://vega.github.io/schema/vega-lite/v6.json",
    "http://www.w3.org/2000/svg",
    "http://www.w3.org/1999/xlink",
  ];
  return (text.match(/https?:\/\/[^\s"'<>)]+/g) ?? []).filter((url) => !formats.includes(url));
}

async function colours(png: Uint8Array): Promise<number> {
  const { data, info } = await sharp(png).resize(200).raw().toBuffer({ resolveWithObject: true });
  const seen = new Set<number>();
  for (let i = 0; i < data.length; i += info.channels) {
    seen.add((data[i] >> 5) * 64 + (data[i + 1] >> 5) * 8 + (data[i + 2] >> 5));
  }
  return seen.size;
}

const NAMES: Record<Kind, string[]> = {
  "preprocess": ["images-before-after", "patch-grid", "class-balance", "channel-histograms"],
  "load-pretrained": ["parameters-by-part", "position-similarity", "patch-components"],
  "freeze": ["frozen-and-trainable"],
  "train": ["learning-curves", "training-steps"],
  "linear-probe": ["probe-accuracy"],
  "evaluate": ["confusion-matrix", "accuracy-by-class", "calibration", "confident-mistakes"],
  "visualize": [
    "attention-1",
    "attention-2",
    "attention-distance",
    "attention-entropy",
    "faithfulness",
    "faithfulness-gain",
    "sanity",
  ],
};

for (const kind of Object.keys(DRAW) as Kind[]) {
  Deno.test(`${kind} draws its figures, titled and not blank`, async () => {
    await check(await draw(kind), NAMES[kind]);
  });
}

Deno.test("attention by block says what attending to all alike would give", async () => {
  const figures = await draw("visualize");
  const even = (name: string) =>
    figures.find((figure) => figure.name === name)!.description.match(
      /alike would give ([\d.]+)\./,
    )![1];
  // On a grid of 4 x 4 patches two lie 2.0080 patches apart on average, here of 4 pixels.
  equal(even("attention-distance"), "8.03");
  equal(even("attention-entropy"), "2.83"); // ln of 16 patches and the class token
});

const many = Array.from(
  { length: 200 },
  (_, i) => `a class whose name is rather long, number ${i}`,
);

Deno.test("two hundred classes with long names are drawn", async () => {
  await check(await draw("preprocess", { classes: many }), NAMES.preprocess);
  await check(await draw("evaluate", { classes: many }), [
    "confusion-matrix",
    "confused-pairs",
    "accuracy-by-class",
    "calibration",
    "confident-mistakes",
  ]);
});

Deno.test("two classes and no validation images are drawn", async () => {
  const change = { classes: ["cat", "dog"], validation: false };
  await check(await draw("preprocess", change), NAMES.preprocess);
  await check(await draw("train", change), NAMES.train);
  await check(await draw("evaluate", change), NAMES.evaluate);
});

Deno.test("class names that look like markup stay text", async () => {
  const classes = ["<b>cat</b>", 'a "quoted" & odd name'];
  await check(await draw("evaluate", { classes }), NAMES.evaluate);
  await check(await draw("visualize", { classes }), NAMES.visualize);
  const [attention] = await draw("visualize", { classes });
  const { svg } = await render(attention);
  match(svg, /&lt;b&gt;cat&lt;\/b&gt;/);
  equal(svg.includes("<b>"), false);
});

Deno.test("one epoch is drawn; of none there is no figure", async () => {
  await check(await draw("train", { epochs: 1, steps: 1 }), NAMES.train);
  await check(await draw("train", { epochs: 0, steps: 0 }), []);
});

Deno.test("one block, and twelve heads on a grid of 14 x 14, are drawn", async () => {
  const change = { blocks: 1, heads: 12, side: 112, patch: 8 };
  await check(await draw("load-pretrained", change), NAMES["load-pretrained"]);
  await check(await draw("freeze", change), NAMES.freeze);
  await check(await draw("visualize", change), NAMES.visualize);
});

Deno.test("a test without a mistake has no figure of mistakes", async () => {
  await check(await draw("evaluate", { mistakes: 0 }), NAMES.evaluate.slice(0, -1));
});
