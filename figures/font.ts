import { Buffer } from "node:buffer";
import { fileURLToPath } from "node:url";
import { subsetToWoff } from "./woff.ts";

/** Name of the font that the project brings, from the npm package dejavu-fonts-ttf. */
export const FAMILY = "DejaVu Sans";

/** The two weights that figures and reports use, and their files. */
export const WEIGHTS = { normal: "DejaVuSans.ttf", bold: "DejaVuSans-Bold.ttf" } as const;
export type Weight = keyof typeof WEIGHTS;

/** Absolute path of the font's file. */
export function fontPath(weight: Weight): string {
  return fileURLToPath(import.meta.resolve(`dejavu-fonts-ttf/ttf/${WEIGHTS[weight]}`));
}

const files = new Map<Weight, Uint8Array>();

function fontFile(weight: Weight): Uint8Array {
  const file = files.get(weight) ?? Deno.readFileSync(fontPath(weight));
  files.set(weight, file);
  return file;
}

/**
 * CSS that brings the font along for some text: a few KiB, with the glyphs of these characters and
 * no others. So an SVG or a page looks the same on a machine that has no fonts.
 *
 * @param text The characters that are set in each weight; a weight without any is left out.
 */
export function fontFaces(text: Readonly<Record<Weight, string>>): string {
  return (Object.keys(WEIGHTS) as Weight[]).filter((weight) => text[weight].trim() !== "").map(
    (weight) => {
      const woff = Buffer.from(subsetToWoff(fontFile(weight), text[weight])).toString("base64");
      return `@font-face{font-family:"${FAMILY}";font-weight:${weight};` +
        `src:url(data:font/woff;base64,${woff}) format("woff")}`;
    },
  ).join("");
}
