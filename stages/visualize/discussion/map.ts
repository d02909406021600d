/** Share of a map that its strongest patches have. @param most How many of them. */
export function topShare(map: Float32Array, most: number): number {
  const sorted = map.toSorted((a, b) => b - a);
  const sum = (values: Float32Array) => values.reduce((a, b) => a + b, 0);
  return sum(sorted.subarray(0, most)) / sum(sorted);
}

/** A tenth of the patches, at least one: how many count as the strongest. */
export function tenth([down, across]: readonly number[]): number {
  return Math.max(1, Math.round(down * across / 10));
}

/** Share of a map in the middle of the picture: all but a quarter on each side. */
export function centerShare(map: Float32Array, [down, across]: readonly number[]): number {
  let [inside, all] = [0, 0];
  map.forEach((x, patch) => {
    all += x;
    if (inCenter(Math.floor(patch / across), down) && inCenter(patch % across, across)) inside += x;
  });
  return inside / all;
}

/** Share of the patches that are in the middle. */
export function centerArea([down, across]: readonly number[]): number {
  const side = (n: number) => (n - 2 * Math.floor(n / 4)) / n;
  return side(down) * side(across);
}

const inCenter = (i: number, n: number) => i >= Math.floor(n / 4) && i < n - Math.floor(n / 4);

/** A patch's place in words, the picture cut into nine parts. */
export function place(patch: number, [down, across]: readonly number[]): string {
  const third = (i: number, n: number) => Math.min(2, Math.floor(3 * (i + 0.5) / n));
  const row = third(Math.floor(patch / across), down);
  const column = third(patch % across, across);
  if (row === 1 && column === 1) return "in the middle";
  const vertical = ["top", "middle", "bottom"][row];
  const horizontal = ["left", "centre", "right"][column];
  return `at the ${vertical} ${horizontal}`;
}

/**
 * Over how many patches one head's attention is spread: e to the power of its entropy among the
 * patches, from 1 to P.
 */
export function spread(weights: Float32Array): number {
  const sum = weights.reduce((a, b) => a + b, 0);
  if (sum === 0) return 0;
  let entropy = 0;
  for (const weight of weights) if (weight > 0) entropy -= weight / sum * Math.log(weight / sum);
  return Math.exp(entropy);
}
