import type { Finding } from "../../stage.ts";
import { type FaithfulnessFile, FEWEST, type Method, type SanityFile } from "../files.ts";
import type { Part } from "./input.ts";
import { capital, counted, list } from "./words.ts";

/** Whether the class depends on where the maps are bright, and the maps on what was learned. */
export const decision: Part = {
  title: "Do the maps say what the decision rests on?",
  find: ({ faithfulness, sanity }) => [
    ...(faithfulness ? faithfulnessOf(faithfulness) : []),
    ...(sanity ? sanityOf(sanity) : []),
  ],
};

/** The maps in words; random order and the centre are what they are measured against. */
export const MAP_NAMES: Readonly<Partial<Record<Method, string>>> = {
  "last-block": "the last block's attention",
  "rollout": "the rollout",
  "relevance": "gradient-weighted rollout",
};

function faithfulnessOf(file: FaithfulnessFile): Finding[] {
  return file.methods.flatMap((method, i): Finding[] => {
    const name = MAP_NAMES[method.method];
    const { deletion, insertion, better_than_random: better } = method;
    if (name === undefined || deletion.gain === null || insertion.gain === null) return [];
    const [low, high] = deletion.gain.interval;
    const of = (interval: readonly [number, number]) => within(file, interval, signed);
    const measured = `removing its brightest patches first changes the area under the predicted ` +
      `class's probability by ${signed(-deletion.gain.mean)}${of([-high, -low])}, adding them ` +
      `first by ${signed(insertion.gain.mean)}${
        of(insertion.gain.interval)
      }, beside a random order`;
    const ways = betterWays(method);
    const verdict = better
      ? "better than random"
      : ways.length > 0
      ? `better than random in ${list(ways)} alone`
      : "no better than random";
    const where = "on which patches the class depends";
    const told = better === null
      ? `Whether ${name} says ${where} can't be told from ${counted(file.images, "image")}`
      : `${capital(name)} is ${verdict} at saying ${where}`;
    const center = [
      ...(deletion.better_than_center === false ? ["removing"] : []),
      ...(insertion.better_than_center === false ? ["adding"] : []),
    ];
    return [{
      text: `${told}: ${measured}.${
        center.length === 0
          ? ""
          : ` In ${list(center)} it does not beat taking patches from the middle of the picture.`
      }`,
      rule: "faithfulness",
      value: deletion.gain.mean,
      interval: file.images < FEWEST ? undefined : deletion.gain.interval,
      of: file.images,
      figure: "faithfulness",
      source: `faithfulness.json#/methods/${i}`,
    }];
  });
}

/** An interval in brackets, where there are images enough for one. */
function within(
  { images }: { readonly images: number },
  [low, high]: readonly [number, number],
  written: (x: number) => string,
): string {
  return images < FEWEST ? "" : ` (95% interval ${written(low)} to ${written(high)})`;
}

/** In which of the two tests a map is better than a random order. */
export function betterWays(
  { deletion, insertion }: FaithfulnessFile["methods"][number],
): string[] {
  return [
    ...(deletion.better_than_random ? ["removing"] : []),
    ...(insertion.better_than_random ? ["adding"] : []),
  ];
}

/** Above this correlation a map that the weights should have changed is told as much the same. */
const STILL_ALIKE = 0.5;

function sanityOf(file: SanityFile): Finding[] {
  const last = file.shuffled.length - 1;
  return file.methods.flatMap(({ method, correlation }, i): Finding[] => {
    const name = MAP_NAMES[method];
    if (name === undefined || last < 0) return [];
    const { mean, interval } = correlation[last];
    const verdict = file.images < FEWEST
      ? `too few images (${file.images}) for a verdict`
      : interval[0] > STILL_ALIKE
      ? "it shows the picture and the architecture more than what the model has learned"
      : interval[1] < 0
      ? "its bright and dark patches have rather changed places: it depends on what the model has learned"
      : interval[0] <= 0 && interval[1] > STILL_ALIKE
      ? "how much of it is left can't be told from so few images"
      : interval[0] <= 0
      ? "nothing of it is left: it depends on what the model has learned"
      : "a part of it does not depend on what the model has learned";
    return [{
      text: `With the weights of ${
        file.shuffled.length === 1
          ? file.shuffled[0]
          : `all ${file.shuffled.length} parts, from the head down,`
      } shuffled, the map of ${name} has a rank correlation of ${
        mean.toFixed(2)
      } with the trained model's${within(file, interval, (x) => x.toFixed(2))}: ${verdict}.`,
      rule: "sanity",
      value: mean,
      interval: file.images < FEWEST ? undefined : interval,
      of: file.images,
      figure: "sanity",
      source: `sanity.json#/methods/${i}/correlation/${last}`,
    }];
  });
}

function signed(x: number): string {
  return `${x < 0 ? "−" : "+"}${Math.abs(x).toFixed(3)}`;
}
