import { type Block, formulas, heading, text } from "./document.ts";
import { equals, type Formula, fraction, letter, num, seq } from "./formula.ts";
import { counted, shown } from "./numbers.ts";
import type { PatchCount } from "./patches.ts";

/** The number of patches, step by step, and what a patch becomes. */
export function writePatches(patches: PatchCount): Block[] {
  const { image: [height, width], patch: [ph, pw], channels, grid, count, flattened } = patches;
  const [down, across] = grid;
  const one = counted(count, "patch", "patches");
  return [
    heading(2, "How many patches?"),
    text(
      `An image of H × W = ${shown(height)} × ${shown(width)} pixels is cut into patches of ` +
        `P₁ × P₂ = ${shown(ph)} × ${shown(pw)} pixels that touch and do not overlap. ` +
        `${divides(height, ph, width, pw)}: no pixel is left over.`,
    ),
    formulas(
      along("rows", { side: "H", pixels: height, index: 1, patch: ph, patches: down }),
      along("columns", { side: "W", pixels: width, index: 2, patch: pw, patches: across }),
      seq(
        letter("N"),
        "=",
        letter("N", "rows"),
        "·",
        letter("N", "columns"),
        "=",
        num(down),
        "·",
        num(across),
        equals(count),
      ),
    ),
    text(
      `Check: ${one} of ${shown(ph)} × ${shown(pw)} = ${counted(ph * pw, "pixel")} have ` +
        `${shown(count)} × ${shown(ph * pw)} = ${
          shown(count * ph * pw)
        } pixels together, and the ` +
        `image has ${shown(height)} × ${shown(width)} = ${shown(height * width)}.`,
    ),
    heading(3, "What a patch becomes"),
    text(
      `With C = ${counted(channels, "channel")}, a patch is laid out as one row of numbers (its ` +
        "flattened length). The model multiplies that row by one matrix, the same for every patch, " +
        "and adds the position's own embedding: a token. A class token stands before them, and " +
        "from what it becomes the class is read (Dosovitskiy et al. 2021, section 3.1).",
    ),
    formulas(
      seq(
        letter("P", 1),
        "·",
        letter("P", 2),
        "·",
        letter("C"),
        "=",
        num(ph),
        "·",
        num(pw),
        "·",
        num(channels),
        equals(flattened),
      ),
      seq(letter("N"), "+", num(1), "=", num(count), "+", num(1), equals(count + 1)),
    ),
    text(
      `So the image becomes ${counted(count + 1, "token")}: ${one} of ` +
        `${
          counted(flattened, "number")
        } each, and the class token. Attention compares every token ` +
        `with every one, ${shown(count + 1)} × ${shown(count + 1)} = ${
          shown((count + 1) ** 2)
        } scores a head.`,
    ),
  ];
}

/** How many patches lie along a side of the image. */
function along(
  name: string,
  { side, pixels, index, patch, patches }: {
    side: string;
    pixels: number;
    index: number;
    patch: number;
    patches: number;
  },
): Formula {
  return seq(
    letter("N", name),
    "=",
    fraction(letter(side), letter("P", index)),
    "=",
    fraction(num(pixels), num(patch)),
    equals(patches),
  );
}

function divides(height: number, ph: number, width: number, pw: number): string {
  if (height === width && ph === pw) return `${shown(ph)} divides ${shown(height)}`;
  return `${shown(ph)} divides ${shown(height)}, and ${shown(pw)} divides ${shown(width)}`;
}
