/**
 * Spearman's rank correlation of two lists: how far the order of the one is that of the other, from -1
 * to 1. Equal values share the mean of their ranks. Where all values of a list are equal it has no
 * order, and the correlation is 0.
 */
export function rankCorrelation(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) {
    throw new RangeError(`Cannot correlate ${a.length} values with ${b.length}`);
  }
  const [p, q] = [ranks(a), ranks(b)];
  const middle = (a.length - 1) / 2;
  let [both, ofA, ofB] = [0, 0, 0];
  for (let i = 0; i < p.length; i++) {
    both += (p[i] - middle) * (q[i] - middle);
    ofA += (p[i] - middle) ** 2;
    ofB += (q[i] - middle) ** 2;
  }
  return ofA === 0 || ofB === 0 ? 0 : both / Math.sqrt(ofA * ofB);
}

/** Ranks from 0; equal values have the mean of theirs. */
function ranks(values: ArrayLike<number>): Float64Array {
  const order = Array.from(values, (_, i) => i).sort((i, j) => values[i] - values[j]);
  const result = new Float64Array(values.length);
  for (let from = 0; from < order.length;) {
    let to = from + 1;
    while (to < order.length && values[order[to]] === values[order[from]]) to++;
    for (let i = from; i < to; i++) result[order[i]] = (from + to - 1) / 2;
    from = to;
  }
  return result;
}
