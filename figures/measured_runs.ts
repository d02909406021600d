import { accuracyLines, type AccuracyPoint } from "./accuracy_lines.ts";
import { count, counted, type Figure } from "./figure.ts";
import { inWords } from "./robustness.ts";

/** Validation accuracy of models as they are trained. @param points `x`: training images seen. */
export function accuracyByImagesSeen(points: readonly AccuracyPoint[], classes: number): Figure {
  return accuracyLines(
    {
      name: "measured-accuracy-by-images-seen",
      title: "Accuracy against images seen",
      subtitle: "On validation images, after each epoch; one training each",
      description: "Validation accuracy by the training images seen since the beginning. " +
        inWords(points, "images"),
    },
    points,
    { title: "training images seen (repeats count)", scale: "linear" },
    1 / classes,
  );
}

/** Test accuracy by the number of training images. @param points `x`: different training images. */
export function accuracyByData(
  points: readonly AccuracyPoint[],
  { images, classes, seen }: {
    readonly images: number;
    readonly classes: number;
    /** Least and most that a training has seen. */
    readonly seen: readonly [least: number, most: number];
  },
): Figure {
  const [least, most] = seen;
  const visits = least === most
    ? counted(most, "image")
    : `${count(least)} to ${counted(most, "image")}`;
  return accuracyLines(
    {
      name: "measured-accuracy-by-data",
      title: "Accuracy against training images",
      subtitle: [
        `${counted(images, "test image")}; bars: 95% interval; one training each`,
        `Each training saw ${visits}, counted as often as they came`,
      ],
      description: `Test accuracy by the number of different training images. ${
        inWords(points, "images")
      }`,
    },
    points,
    { title: "different training images", scale: "log" },
    1 / classes,
  );
}
