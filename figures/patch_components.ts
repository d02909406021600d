import { type Figure, figure, percent } from "./figure.ts";
import { gallery, layoutFor } from "./gallery.ts";
import { dataUrl, stretched } from "./picture.ts";

/**
 * Leading principal components of the filters of the patch embedding (Dosovitskiy et al. 2021,
 * figure 7, left). Each is stretched to the full range of colours by itself.
 *
 * @param components `[count, height, width, 3]`.
 * @param variance Share of the variance that each explains.
 */
export function patchComponents(
  components: Float32Array,
  shape: readonly number[],
  variance: ArrayLike<number>,
): Figure {
  const [number, height, width] = shape;
  const size = height * width * 3;
  const layout = layoutFor(number, {
    columns: number > 14 ? 8 : 7,
    aspect: height / width,
    lines: 1,
    widest: 110,
  });
  const tiles = Array.from({ length: number }, (_, i) => ({
    url: dataUrl(
      stretched(components.subarray(i * size, (i + 1) * size), width, height),
      2 * layout.width,
    ),
    caption: [`${i + 1}: ${percent(variance[i])}`],
  }));
  let explained = 0;
  for (let i = 0; i < number; i++) explained += variance[i];
  return figure({
    name: "patch-components",
    title: "Leading components of the patch embedding",
    subtitle: [
      `The first ${number} principal components of the filters (${height} × ${width} pixels);`,
      `number and share of the variance, together ${percent(explained)}`,
      "Each is stretched to the full range of colours: what explains little looks as strong",
    ],
    description: `Small colour pictures of the ${number} leading principal components of the ` +
      `patch embedding's filters, which explain ${percent(explained)} of their variance.`,
  }, gallery(tiles, layout));
}
