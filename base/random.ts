import { sha256 } from "./hash.ts";

/**
 * A stream of random numbers: xoshiro128** (Blackman and Vigna 2018), whose 128 bits of state are
 * the start of SHA-256 over the seed and a label. Streams with different labels do not touch, so a
 * draw more in one stage changes nothing in another. Not for secrets.
 *
 * ```ts
 * const order = random(42, "shuffle epoch 0").shuffle(Uint32Array.from([0, 1, 2, 3]));
 * ```
 *
 * @param seed A safe integer.
 * @param label What the numbers are for.
 */
export function random(seed: number, label: string): Random {
  const digest = sha256().update(`${seed}\n${label}`).digest();
  return new Random([0, 4, 8, 12].map((at) => digest.readUInt32LE(at)));
}

/** A generator whose whole state is four 32-bit words; see {@linkcode random}. */
export class Random {
  #a: number;
  #b: number;
  #c: number;
  #d: number;

  /** @param state Four words, not all 0. */
  constructor(state: readonly number[]) {
    [this.#a, this.#b, this.#c, this.#d] = state.map((word) => word | 0);
  }

  /** 32 random bits as an integer from 0 to 2^32 - 1. */
  next(): number {
    const scrambled = Math.imul(rotateLeft(Math.imul(this.#b, 5), 7), 9);
    const shifted = this.#b << 9;
    this.#c ^= this.#a;
    this.#d ^= this.#b;
    this.#b ^= this.#c;
    this.#a ^= this.#d;
    this.#c ^= shifted;
    this.#d = rotateLeft(this.#d, 11);
    return scrambled >>> 0;
  }

  /** Evenly spread over [0, 1), in steps of 2^-53. */
  uniform(): number {
    return ((this.next() >>> 5) * 2 ** 26 + (this.next() >>> 6)) * 2 ** -53;
  }

  /**
   * An integer from 0 to n - 1, all equally likely.
   * @param n From 1 to 2^32.
   */
  below(n: number): number {
    // Draws that would make the first few numbers likelier are thrown away.
    const limit = 2 ** 32 - (2 ** 32 % n);
    let draw = this.next();
    while (draw >= limit) draw = this.next();
    return draw % n;
  }

  /** Normally distributed, mean 0, deviation 1 (Box and Muller 1958). */
  normal(): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()));
    return radius * Math.cos(2 * Math.PI * this.uniform());
  }

  /** Brings the items into random order, in place (Fisher and Yates; Durstenfeld 1964). */
  shuffle<Items extends { readonly length: number; [index: number]: unknown }>(
    items: Items,
  ): Items {
    for (let i = items.length - 1; i > 0; i--) {
      const j = this.below(i + 1);
      [items[i], items[j]] = [items[j], items[i]];
    }
    return items;
  }
}

function rotateLeft(word: number, by: number): number {
  return (word << by) | (word >>> (32 - by));
}
