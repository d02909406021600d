import { quoted } from "../base/printable.ts";

/**
 * The nearest right word, for "did you mean".
 *
 * Near is: equal but for case, hyphens and underscores; or at most a third of the letters changed,
 * added, left out or swapped with their neighbour (Damerau 1964, optimal string alignment); or the
 * start of exactly one candidate, three letters at least.
 *
 * @returns undefined where no candidate is near enough to be worth saying.
 */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  const all = [...new Set(candidates)];
  const plain = fold(word);
  let best: string | undefined;
  let least = Infinity;
  for (const candidate of all) {
    const limit = Math.max(1, Math.floor(Math.max(plain.length, candidate.length) / 3));
    if (Math.abs(plain.length - candidate.length) > limit) continue;
    const changes = distance(plain, fold(candidate));
    if (changes <= limit && changes < least) [best, least] = [candidate, changes];
  }
  // A single letter is as near to any other single letter as to the right one.
  if (best !== undefined && (least === 0 || least < plain.length)) return best;
  if (plain.length < 3) return undefined;
  const starting = all.filter((candidate) => fold(candidate).startsWith(plain));
  return starting.length === 1 ? starting[0] : undefined;
}

/** `"a", "b" or "c"`; at most `limit` of them, then an ellipsis. */
export function listWords(words: readonly string[], joiner = "or", limit = 12): string {
  const all = words.map((word) => quoted(word));
  if (all.length > limit) return [...all.slice(0, limit), "…"].join(", ");
  if (all.length < 2) return all.join("");
  return `${all.slice(0, -1).join(", ")} ${joiner} ${all.at(-1)}`;
}

function fold(word: string): string {
  return word.toLowerCase().replaceAll("-", "_");
}

function distance(a: string, b: string): number {
  // Three rows of the table of optimal string alignment: two above are needed for a swap.
  let above: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = a[i - 1] === b[j - 1] ? 0 : 1;
      row[j] = Math.min(last[j] + 1, row[j - 1] + 1, last[j - 1] + change);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        row[j] = Math.min(row[j], above[j - 2] + 1);
      }
    }
    [above, last] = [last, row];
  }
  return last[b.length];
}
