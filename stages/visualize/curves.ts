import { bootstrapMean, type MeanInterval } from "../../base/bootstrap.ts";
import { random } from "../../base/random.ts";
import { type FaithfulnessFile, FEWEST, type Method, METHODS } from "./files.ts";

/** The two ways to test an order: patches go, or patches come. */
export const KINDS = ["deletion", "insertion"] as const;
export type Kind = typeof KINDS[number];

/** Probability of the predicted class at each step, by method and kind, image by image. */
export type Curves = Readonly<
  Record<Method, Readonly<Record<Kind, readonly (readonly number[])[]>>>
>;

type MethodResult = FaithfulnessFile["methods"][number];

/**
 * Areas, intervals and verdicts. Methods are compared image by image, so what makes an image easy or
 * hard for all of them does not count.
 *
 * @param fractions Of the patches, at each step, from 0 to 1.
 */
export function summarise(
  curves: Curves,
  fractions: readonly number[],
  seed: number,
): MethodResult[] {
  const areas = (method: Method, kind: Kind) =>
    curves[method][kind].map((curve) => areaUnder(fractions, curve));
  return METHODS.map((method): MethodResult => {
    const measure = (kind: Kind) => {
      const own = areas(method, kind);
      const gainOver = (other: Method) =>
        other === method ? null : gain(kind, own, areas(other, kind), seed);
      const overRandom = gainOver("random");
      const { mean: area, interval } = bootstrapMean(own, random(seed, "area"));
      return {
        curve: meanCurve(curves[method][kind]),
        area,
        interval,
        gain: overRandom,
        better_than_random: verdict(overRandom, own.length),
        better_than_center: verdict(gainOver("center"), own.length),
      };
    };
    const [deletion, insertion] = [measure("deletion"), measure("insertion")];
    const verdicts = [deletion, insertion].map(({ better_than_random: better }) => better);
    return {
      method,
      deletion,
      insertion,
      better_than_random: verdicts.includes(null) ? null : !verdicts.includes(false),
    };
  });
}

/** The trapezoid rule. */
export function areaUnder(x: readonly number[], y: ArrayLike<number>): number {
  let area = 0;
  for (let i = 1; i < x.length; i++) area += (x[i] - x[i - 1]) * (y[i] + y[i - 1]) / 2;
  return area;
}

/** By how much an order is better than another: its areas are smaller on deletion, larger on insertion. */
function gain(
  kind: Kind,
  areas: readonly number[],
  others: readonly number[],
  seed: number,
): MeanInterval {
  const sign = kind === "deletion" ? -1 : 1;
  const gains = areas.map((area, i) => sign * (area - others[i]));
  return bootstrapMean(gains, random(seed, "gain"));
}

function verdict(gain: MeanInterval | null, images: number): boolean | null {
  return gain === null || images < FEWEST ? null : gain.interval[0] > 0;
}

function meanCurve(curves: Curves[Method][Kind]): number[] {
  return curves[0].map((_, step) =>
    curves.reduce((sum, curve) => sum + curve[step], 0) / curves.length
  );
}
