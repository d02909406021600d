import { type Figure, figure } from "./figure.ts";
import { gallery, layoutFor } from "./gallery.ts";
import { dataUrl, type Picture } from "./picture.ts";

/** An image of a class as in its source and as the model gets it, before normalising. */
export interface Sample {
  readonly label: string;
  readonly before: Picture;
  readonly after: Picture;
}

/** Images as in their source, and below each what resizing makes of it. */
export function beforeAfter(samples: readonly Sample[], resample: string): Figure {
  const { after } = samples[0];
  const layout = layoutFor(samples.length, {
    columns: 10,
    aspect: Math.max(...samples.flatMap((one) => [ratio(one.before), ratio(one.after)])),
    lines: 1,
    total: 800,
  });
  const smallest = 2 * layout.width; // what the PNG shows of each
  const tiles = [
    ...samples.map(({ before, label }) => ({
      url: dataUrl(before, smallest),
      caption: [label],
      aspect: ratio(before),
    })),
    ...samples.map(({ after }) => ({
      url: dataUrl(after, smallest),
      caption: [],
      aspect: ratio(after),
    })),
  ];
  return figure({
    name: "images-before-after",
    title: "Images before and after resizing",
    subtitle: [
      `Above: as in their source, ${sizes(samples)} pixels.`,
      `Below: as the model gets them, ${size(after)} pixels (${resample}); normalising follows.`,
    ],
    description:
      `One image of each of ${samples.length} classes, above as in their source (${
        sizes(samples)
      } pixels), ` +
      `below resized for the model (${size(after)} pixels).`,
  }, gallery(tiles, layout));
}

const ratio = ({ height, width }: Picture) => height / width;

/** The one size that all have, or the smallest and the largest. */
function sizes(samples: readonly Sample[]): string {
  const byArea = samples.map(({ before }) => before)
    .sort((a, b) => a.height * a.width - b.height * b.width);
  const [least, most] = [size(byArea[0]), size(byArea[byArea.length - 1])];
  return least === most ? least : `${least} to ${most}`;
}

const size = ({ height, width }: Picture) => `${height} × ${width}`;
