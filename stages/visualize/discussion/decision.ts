import type { Finding } from "../../stage.ts";
import type { FaithfulnessFile, Method, SanityFile } from "../files.ts";
import type { Part } from "./input.ts";
import { capital, list } from "./words.ts";

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
    const measured = `removing its brightest patches first changes the area under the predicted ` +
      `class's probability by ${signed(-deletion.gain.mean)} (95% interval ${
        signed(-deletion.gain.interval[1])
      } to ${signed(-deletion.gain.interval[0])}), adding them first by ${
        signed(insertion.gain.mean)
      } (${signed(insertion.gain.interval[0])} to ${
        signed(insertion.gain.interval[1])
      }), beside a random order`;
    const ways = betterWays(method);
    const verdict = better === null
      ? `too few images (${file.images}) for a verdict`
      : better
      ? "better than random"
      : ways.length > 0
      ? `better than random in ${list(ways)} alone`
      : "no better than random";
    const center = [
      ...(deletion.better_than_center === false ? ["removing"] : []),
      ...(insertion.better_than_center === false ? ["adding"] : []),
    ];
    return [{
      text: `${
        capital(name)
      } is ${verdict} at saying on which patches the class depends: ${measured}.${
        center.length === 0
          ? ""
          : ` In ${list(center)} it does not beat taking patches from the middle of the picture.`
      }`,
      rule: "faithfulness",
      value: deletion.gain.mean,
      interval: deletion.gain.interval,
      of: file.images,
      figure: "faithfulness",
      source: `faithfulness.json#/methods/${i}`,
    }];
  });
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
    const verdict = interval[0] > STILL_ALIKE
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
      } with the trained model's (95% interval ${interval[0].toFixed(2)} to ${
        interval[1].toFixed(2)
      }): ${verdict}.`,
      rule: "sanity",
      value: mean,
      interval,
      of: file.images,
      figure: "sanity",
      source: `sanity.json#/methods/${i}/correlation/${last}`,
    }];
  });
}

function signed(x: number): string {
  return `${x < 0 ? "−" : "+"}${Math.abs(x).toFixed(3)}`;
}
