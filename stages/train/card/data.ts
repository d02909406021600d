import { type DatasetFile, SPLITS } from "../../preprocess/files.ts";
import { type CardFacts, knownDataset } from "./facts.ts";
import { count, list, number, pixels, plain, table } from "./words.ts";

/** Up to so many classes have a row each. */
const MOST_ROWS = 40;

/** Which images, how many of each class, how they were split. */
export function describeData({ dataset, description }: CardFacts): string {
  const known = knownDataset(dataset.name);
  const images = SPLITS.reduce((sum, split) => sum + dataset.sizes[split], 0);
  const part = known && images < known.images
    ? ` Of its ${count(known.images)} images ${count(images)} were used.`
    : "";
  return [
    known ? `${known.title} (${known.reference}).${part}` : "",
    firstParagraph(description) ?? splitInWords(dataset),
    leftOut(dataset),
    classTable(dataset),
  ].filter((part) => part !== "").join("\n\n");
}

/** How a picture becomes what the model gets: what a file is read as, then preprocessor_config.json. */
export function describePreprocessing({ dataset: { transform } }: CardFacts): string {
  const { resize, image_size: size, crop, resample, rescale_factor, mean, std } = transform;
  const target = "shortest_edge" in resize
    ? `until its shorter side has ${resize.shortest_edge} pixels`
    : `to ${pixels([resize.height, resize.width])}, whatever the ratio of its sides`;
  const by = Math.abs(rescale_factor * 255 - 1) < 1e-12 ? "1/255" : String(rescale_factor);
  const rows = [
    ["orientation", "as the camera was held (EXIF)"],
    ["transparency", "laid on white"],
    ["colours", "RGB"],
    ["resized", `${target}, ${resample} filter`],
    ...(crop ? [["cut", `the middle ${pixels(size)}`]] : []),
    ["rescaled", `by ${by}`],
    ["mean subtracted", `${list(mean.map(number))} (red, green, blue)`],
    ["divided by", list(std.map(number))],
  ];
  return `${table(["step", "value"], rows)}

\`preprocessor_config.json\` says the same to \`AutoImageProcessor\`, from the size on; orientation and
transparency are seen to before it, as in the code above.`;
}

/** How many images of the folder nobody saw, as they could not be read. */
function leftOut({ skipped }: DatasetFile): string {
  if (skipped === undefined) return "";
  const were = skipped.count === 1 ? "image was" : "images were";
  return `${
    count(skipped.count)
  } more ${were} left out as broken: cut, damaged or of another kind.`;
}

/** What preprocess says of its images and splits, on one line. */
function firstParagraph(description: string | undefined): string | undefined {
  const paragraph = description?.split(/\n\s*\n/).find((part) => !/^\s*(#|$)/.test(part));
  return paragraph && plain(paragraph.replace(/\s*\n\s*/g, " ").trim());
}

function splitInWords({ sizes, classes }: DatasetFile): string {
  const parts = SPLITS.map((split) => `${count(sizes[split])} for ${split}`);
  return `Images in ${classes.length} classes: ${list(parts)}.`;
}

function classTable({ classes, splits, sizes }: DatasetFile): string {
  if (classes.length > MOST_ROWS) {
    const rows = SPLITS.filter((split) => sizes[split] > 0).map((split) => [
      split,
      count(sizes[split]),
      count(Math.min(...splits[split])),
      count(Math.max(...splits[split])),
    ]);
    return table(["split", "images", "fewest of a class", "most of a class"], rows, [1, 2, 3]);
  }
  const rows = classes.map((name, index) => [
    plain(name),
    ...SPLITS.map((split) => count(splits[split][index])),
  ]);
  const all = ["all", ...SPLITS.map((split) => count(sizes[split]))];
  return table(["class", ...SPLITS], [...rows, all], [1, 2, 3]);
}

/** The class with most images of a split, and its share: what always naming it would get right. */
export function commonest(
  { classes, splits, sizes }: DatasetFile,
  split: typeof SPLITS[number],
): { name: string; share: number } {
  const most = Math.max(...splits[split]);
  return { name: classes[splits[split].indexOf(most)], share: most / Math.max(1, sizes[split]) };
}
