import { accuracyLines, type AccuracyPoint } from "./accuracy_lines.ts";
import { counted, type Figure, percent } from "./figure.ts";

/** Where the numbers come from. */
interface Source {
  /** Start of the figures' names, where several stages have some: `measured-`. */
  readonly prefix?: string;
  /** Test images. */
  readonly images: number;
  readonly classes: number;
  /** What the models were trained on, for the subtitle. */
  readonly note?: string;
}

/** Accuracy as test images are moved. @param points `x`: pixels. */
export function accuracyByShift(points: readonly AccuracyPoint[], source: Source): Figure {
  return accuracyLines(
    {
      name: `${source.prefix ?? ""}accuracy-by-shift`,
      title: "Accuracy when the images are moved",
      subtitle: subtitleOf(source, "each moved right, left, down or up, its edge repeated"),
      description: `Accuracy by the pixels that test images are moved by. ${inWords(points, "px")}`,
    },
    points,
    { title: "moved by (pixels)", scale: "linear" },
    1 / source.classes,
  );
}

/** Accuracy as patches of test images change places. @param points `x`: side of a patch, pixels. */
export function accuracyByPatch(
  points: readonly AccuracyPoint[],
  patches: ReadonlyMap<number, number>,
  source: Source,
): Figure {
  const labels = new Map(
    [...patches].map(([side, count]) => [side, count === 1 ? `${side} (whole)` : String(side)]),
  );
  return accuracyLines(
    {
      name: `${source.prefix ?? ""}accuracy-by-patch`,
      title: "Accuracy when patches are shuffled",
      subtitle: subtitleOf(source, "each cut into square patches, put together in random order"),
      description: `Accuracy by the side of the patches that test images are cut into and ` +
        `shuffled by. ${inWords(points, "px")}`,
    },
    points,
    { title: "side of a patch (pixels)", scale: "steps", labels },
    1 / source.classes,
  );
}

function subtitleOf({ images, note }: Source, what: string): string[] {
  const first = `${counted(images, "test image")}, ${what}`;
  return [first, note === undefined ? "Bars: 95% interval" : `Bars: 95% interval; ${note}`];
}

/** What each line begins and ends with. */
export function inWords(points: readonly AccuracyPoint[], unit: string): string {
  return [...Map.groupBy(points, ({ label }) => label)].map(([label, own]) => {
    const at = ({ x, accuracy }: AccuracyPoint) => `${percent(accuracy)} at ${x} ${unit}`;
    return `${label}: ${
      [at(own[0]), ...(own.length > 1 ? [at(own[own.length - 1])] : [])].join(", ")
    }.`;
  }).join(" ");
}
