import { type Figure, figure } from "./figure.ts";
import { gallery, layoutFor } from "./gallery.ts";
import { dataUrl, type Picture } from "./picture.ts";

/** An image of a class as it is stored and as the model gets it, before normalising. */
export interface Sample {
  readonly label: string;
  readonly before: Picture;
  readonly after: Picture;
}

/** Images as stored, and below each what resizing makes of it. */
export function beforeAfter(samples: readonly Sample[], resample: string): Figure {
  const { before, after } = samples[0];
  const layout = layoutFor(samples.length, {
    columns: 10,
    aspect: Math.max(before.height / before.width, after.height / after.width),
    lines: 1,
    total: 800,
  });
  const smallest = 2 * layout.width; // what the PNG shows of each
  const tiles = [
    ...samples.map(({ before, label }) => ({ url: dataUrl(before, smallest), caption: [label] })),
    ...samples.map(({ after }) => ({ url: dataUrl(after, smallest), caption: [] })),
  ];
  return figure({
    name: "images-before-after",
    title: "Images before and after resizing",
    subtitle: [
      `Above: as stored, ${size(before)} pixels.`,
      `Below: as the model gets them, ${size(after)} pixels (${resample}); normalising follows.`,
    ],
    description:
      `One image of each of ${samples.length} classes, above as stored (${size(before)} pixels), ` +
      `below resized for the model (${size(after)} pixels).`,
  }, gallery(tiles, layout));
}

const size = ({ height, width }: Picture) => `${height} × ${width}`;
