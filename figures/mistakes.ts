import { type Figure, figure, percent } from "./figure.ts";
import { gallery, layoutFor } from "./gallery.ts";
import { dataUrl, type Picture } from "./picture.ts";

/** A test image that was taken for another class. */
export interface Mistake {
  readonly image: Picture;
  readonly label: string;
  readonly predicted: string;
  /** Probability that the model gave to its prediction. */
  readonly confidence: number;
}

/** The mistakes of which the model was most sure, with their images. */
export function confidentMistakes(mistakes: readonly Mistake[]): Figure {
  const { height, width } = mistakes[0].image;
  const layout = layoutFor(mistakes.length, {
    columns: 6,
    aspect: height / width,
    lines: 3,
    total: 800,
    widest: 124,
  });
  const tiles = mistakes.map((mistake) => ({
    url: dataUrl(mistake.image, 2 * layout.width),
    caption: [
      `true: ${mistake.label}`,
      `said: ${mistake.predicted}`,
      `${percent(mistake.confidence)} sure`,
    ],
  }));
  const first = mistakes[0];
  return figure({
    name: "confident-mistakes",
    title: "The most confident mistakes",
    subtitle: "True class, predicted class and the probability that the model gave it",
    description: `${mistakes.length} misclassified test images, the most confident first: ` +
      `${first.label} taken for ${first.predicted} with a probability of ${
        percent(first.confidence)
      }.`,
  }, gallery(tiles, layout));
}
