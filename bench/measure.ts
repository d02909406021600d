import { UserError } from "../base/errors.ts";
import { median } from "../base/statistics.ts";
import type { Side } from "./side.ts";

/** A middle and how far it goes to both sides. */
export interface Spread {
  readonly median: number;
  /** The lower and the upper quartile; the smallest and the largest of fewer than five. */
  readonly low: number;
  readonly high: number;
  /** How many numbers it is of. */
  readonly of: number;
}

/** What one side of a row took. */
export interface Timing {
  readonly name: string;
  /** Of the work once. */
  readonly seconds: Spread;
  /** Largest resident size of one of its processes; null where the system does not say. */
  readonly peak_bytes: number | null;
}

/** A peer beside us. */
export interface PeerTiming extends Timing {
  /** Its seconds by ours, measurement by measurement: above 1 we are faster. */
  readonly ratio: Spread;
}

/** What a row gives. */
export interface Measured {
  readonly ours: Timing;
  readonly peers: readonly PeerTiming[];
}

/** How long a row is measured. */
export interface Effort {
  /** Rounds at least. */
  readonly fewest: number;
  /** Rounds at most. */
  readonly most: number;
  /** Between the two, as many rounds as take so long, seconds. */
  readonly seconds: number;
}

/** A measurement shorter than this is the work several times over, seconds. */
const SHORTEST = 0.4;
/** By how much of its size a number that is checked may differ. */
const TOLERANCE = 1e-3;

/**
 * Measures sides in turn: ours, the first peer, the second, ours again, and so on, so that what
 * slows the machine down slows all of them.
 *
 * @param onRound Told how many rounds are done, of how many.
 * @throws {UserError} if the sides do not compute the same.
 */
export async function measureInTurn(
  [ours, ...peers]: readonly Side[],
  effort: Effort,
  onRound: (done: number, total: number) => void = () => {},
): Promise<Measured> {
  const sides = [ours, ...peers];
  checkSame(ours, peers);
  const repeats = await repeatsFor(sides);
  const seconds: number[][] = sides.map(() => []);
  let rounds = effort.fewest;
  for (let round = 0; round < rounds; round++) {
    const started = performance.now();
    for (const [i, side] of sides.entries()) {
      seconds[i].push(await side.measure(repeats) / repeats);
    }
    if (round === 0) {
      const fitting = Math.floor(effort.seconds * 1000 / (performance.now() - started));
      rounds = Math.min(effort.most, Math.max(effort.fewest, fitting));
    }
    onRound(round + 1, rounds);
  }
  const timing = async (i: number): Promise<Timing> => ({
    name: sides[i].name,
    seconds: spreadOf(seconds[i]),
    peak_bytes: await sides[i].peak(),
  });
  const beside: PeerTiming[] = [];
  for (let i = 1; i < sides.length; i++) {
    const ratio = spreadOf(seconds[i].map((theirs, round) => theirs / seconds[0][round]));
    beside.push({ ...await timing(i), ratio });
  }
  return { ours: await timing(0), peers: beside };
}

/** How often the work is to be done for one measurement to be long enough. */
async function repeatsFor(sides: readonly Side[]): Promise<number> {
  let shortest = Infinity;
  for (const side of sides) {
    if (side.first === null) return 1; // a command, which is long enough
    const warm = side.first < SHORTEST ? await side.measure(1) : side.first;
    shortest = Math.min(shortest, warm);
  }
  return Math.max(1, Math.ceil(SHORTEST / shortest));
}

function checkSame(ours: Side, peers: readonly Side[]): void {
  for (const peer of peers) {
    if (ours.check === null || peer.check === null) continue;
    if (Math.abs(ours.check - peer.check) <= TOLERANCE * Math.abs(peer.check)) continue;
    throw new UserError(
      `Cannot compare with ${peer.name}: it computes ${peer.check} where we have ${ours.check}`,
    );
  }
}

/** Median and quartiles, by the values that stand there: nothing is interpolated but the middle. */
export function spreadOf(numbers: readonly number[]): Spread {
  const sorted = numbers.toSorted((a, b) => a - b);
  const count = sorted.length;
  const edge = count < 5 ? 0 : Math.floor((count - 1) / 4);
  return { median: median(sorted), low: sorted[edge], high: sorted[count - 1 - edge], of: count };
}
