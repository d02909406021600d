import { deepEqual, equal, match, ok } from "node:assert/strict";
import { Buffer } from "node:buffer";
import { createCanvas, GlobalFonts } from "canvas";
import { characters } from "../../figures/finish.ts";
import { fontFaces, fontPath } from "../../figures/font.ts";
import { render } from "../../figures/render.ts";
import { subsetToWoff } from "../../figures/woff.ts";
import { EXAMPLES } from "./examples.ts";

function pixels(family: string, text: string): Uint8ClampedArray {
  const canvas = createCanvas(600, 60);
  const context = canvas.getContext("2d");
  context.font = `32px "${family}"`;
  context.fillText(text, 4, 44);
  return context.getImageData(0, 0, 600, 60).data;
}

Deno.test("a font that is cut down draws what the whole font draws", async () => {
  // Letters that are made of others too, and pairs that are kerned. The hinter measures all letters, so all are in both.
  const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  const whole = await Deno.readFile(fontPath("normal"));
  const subset = subsetToWoff(whole, letters + "%±×−éüÅç ");
  ok(subset.length < 16_000, `${subset.length} bytes`);
  GlobalFonts.register(Buffer.from(whole), "Whole Font");
  GlobalFonts.register(Buffer.from(subset), "Subset Font");
  for (
    const text of [
      "hnum 0123456789",
      "% ± × − éüÅç",
      "AVATAR Test Layer",
      "Accuracy by class",
      "shuffled off fine efficient floors",
    ]
  ) {
    const drawn = pixels("Subset Font", text);
    ok(drawn.some((value) => value > 0));
    ok(Buffer.from(drawn).equals(Buffer.from(pixels("Whole Font", text))), text);
  }
});

Deno.test("characters that the font lacks are left out", async () => {
  const whole = await Deno.readFile(fontPath("bold"));
  deepEqual(subsetToWoff(whole, "ab\u{20000}"), subsetToWoff(whole, "ba"));
});

Deno.test("a weight that no text has brings no font", () => {
  const css = fontFaces({ normal: "abc", bold: " " });
  match(css, /^@font-face\{font-family:"DejaVu Sans";font-weight:normal;src:url\(data:font\/woff/);
  equal(css.split("@font-face").length, 2);
});

Deno.test("characters are told apart by weight, and markup is none of them", () => {
  const svg = '<title>no</title><text x="1">b&amp;<tspan>a</tspan></text>' +
    '<text font-weight="bold">&lt;T</text>';
  deepEqual(characters(svg), { normal: "&ab", bold: "<T" });
});

Deno.test("every SVG brings the font along", async () => {
  for (const example of EXAMPLES) {
    const { svg } = await render(example);
    equal(svg.match(/@font-face/g)?.length, 2, example.name);
  }
});
