import { type Figure, figure } from "./figure.ts";
import { dataUrl, type Picture } from "./picture.ts";

/** Above so many patches their numbers would be too small to read. */
const MOST_NUMBERS = 256;
const SIDE = 448;

/**
 * The patches that an image is cut into, numbered as the model reads them (Dosovitskiy et al. 2021,
 * figure 1).
 * @param patch Height and width of a patch, pixels.
 * @param size Of the image, where the picture is a smaller copy of it.
 */
export function patchGrid(
  image: Picture,
  patch: readonly [number, number],
  label: string,
  size: readonly [height: number, width: number] = [image.height, image.width],
): Figure {
  const [pixelsDown, pixelsAcross] = size;
  const [down, across] = [
    Math.floor(pixelsDown / patch[0]),
    Math.floor(pixelsAcross / patch[1]),
  ];
  const patches = down * across;
  const scale = SIDE / Math.max(pixelsDown, pixelsAcross);
  const [width, height] = [pixelsAcross * scale, pixelsDown * scale];
  const x = {
    field: "x",
    type: "quantitative",
    axis: null,
    scale: { domain: [0, pixelsAcross], nice: false },
  };
  const y = { ...x, field: "y", scale: { domain: [0, pixelsDown], nice: false, reverse: true } };
  const lines = [
    ...range(across + 1).map((i) => ({
      x: i * patch[1],
      y: 0,
      x2: i * patch[1],
      y2: down * patch[0],
    })),
    ...range(down + 1).map((i) => ({
      x: 0,
      y: i * patch[0],
      x2: across * patch[1],
      y2: i * patch[0],
    })),
  ];
  const numbers = range(patches).map((i) => ({
    x: (i % across + 0.5) * patch[1],
    y: (Math.floor(i / across) + 0.5) * patch[0],
    number: String(i + 1),
  }));
  const digits = String(patches).length;
  const fontSize = Math.min(16, 0.75 * patch[0] * scale, patch[1] * scale / (0.95 * digits));
  const text = (stroke: object) => ({
    data: { values: numbers },
    mark: { type: "text", fontSize, fontWeight: "bold", ...stroke },
    encoding: { x, y, text: { field: "number", type: "nominal" } },
  });
  const rule = (colour: string, thickness: number) => ({
    data: { values: lines },
    mark: { type: "rule", color: colour, strokeWidth: thickness, strokeCap: "square" },
    encoding: { x, y, x2: { field: "x2" }, y2: { field: "y2" } },
  });
  return figure({
    name: "patch-grid",
    title: "How an image becomes a sequence of patches",
    subtitle: [
      `${label}: ${pixelsDown} × ${pixelsAcross} pixels in ${down} × ${across} = ${patches} patches`,
      `of ${patch[0]} × ${patch[1]} pixels, read in the order of the numbers`,
    ],
    description: `An image (${label}) of ${pixelsDown} × ${pixelsAcross} pixels under a grid of ` +
      `${down} rows of ${across} patches, each ${patch[0]} × ${patch[1]} pixels.`,
  }, {
    width,
    height,
    layer: [
      {
        data: { values: [{ x: 0, y: 0, url: dataUrl(image, 2 * width) }] },
        mark: { type: "image", width, height, align: "left", baseline: "top" },
        encoding: { x, y, url: { field: "url", type: "nominal" } },
      },
      // A light line in a dark one, so that the grid is seen on every colour.
      rule("#000000", 3),
      rule("#ffffff", 1.2),
      ...(patches > MOST_NUMBERS
        ? []
        : [text({ stroke: "#000000", strokeWidth: 3 }), text({ color: "#ffffff" })]),
    ],
  });
}

function range(n: number): number[] {
  return Array.from({ length: n }, (_, i) => i);
}
