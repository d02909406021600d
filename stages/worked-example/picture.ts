import type { Picture } from "../../figures/picture.ts";

/** Longest side of the picture, pixels: enough under a grid, whatever the size of the image. */
const LONGEST = 448;

/**
 * A landscape that stands for an image where there is none: sky, sun, hills. Made by a formula, so
 * that it has any size and no author.
 * @param size Height and width of the image that it stands for.
 */
export function landscape([height, width]: readonly [number, number]): Picture {
  const scale = Math.min(1, LONGEST / Math.max(height, width));
  const rows = Math.max(1, Math.round(height * scale));
  const columns = Math.max(1, Math.round(width * scale));
  const data = new Uint8Array(rows * columns * 3);
  const side = Math.min(rows, columns);
  for (let y = 0; y < rows; y++) {
    for (let x = 0; x < columns; x++) {
      data.set(
        colourAt((x + 0.5) / columns, (y + 0.5) / rows, columns / side, rows / side),
        (y * columns + x) * 3,
      );
    }
  }
  return { width: columns, height: rows, data };
}

type Colour = readonly [number, number, number];

/**
 * @param u From left to right, 0 to 1. @param v From top to bottom.
 * @param wide Width of the picture by its shorter side. @param tall Its height by that.
 */
function colourAt(u: number, v: number, wide: number, tall: number): Colour {
  const front = 0.78 + 0.06 * Math.sin(7 * u + 2);
  const back = 0.6 + 0.1 * Math.sin(5 * u) + 0.03 * Math.sin(17 * u);
  if (v > front) return mix([92, 140, 70], [58, 98, 50], (v - front) / (1 - front));
  if (v > back) return mix([108, 136, 158], [84, 116, 128], (v - back) / (1 - back));
  if (Math.hypot((u - 0.72) * wide, (v - 0.24) * tall) < 0.12) return [252, 224, 130];
  return mix([92, 150, 214], [214, 228, 240], v / 0.7);
}

function mix(from: Colour, to: Colour, share: number): Colour {
  const t = Math.min(1, Math.max(0, share));
  return [0, 1, 2].map((c) => Math.round(from[c] + t * (to[c] - from[c]))) as unknown as Colour;
}
