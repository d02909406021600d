/**
 * An order of the classes in which those that are often confused stand beside each other, so that
 * groups of them show as blocks on the diagonal of a confusion matrix.
 *
 * Classes are joined to groups by average linkage (Sokal and Michener 1958) of how similar they are:
 * the mean of the shares of either that were taken for the other. Where two groups are joined, each
 * may be turned round; of the four ways that is taken in which the classes that meet are most similar
 * (Gruvaeus and Wainer 1972). Equal ones go by the order of the classes, so that the same matrix
 * always has the same order, and one without mistakes keeps its own.
 *
 * @param matrix `[true class][predicted class]`, images.
 * @returns indices of the classes.
 */
export function seriate(matrix: readonly (readonly number[])[]): number[] {
  const n = matrix.length;
  const totals = matrix.map((row) => Math.max(1, row.reduce((a, b) => a + b, 0)));
  const similarity = matrix.map((row, i) =>
    Float64Array.from(row, (images, j) => (images / totals[i] + matrix[j][i] / totals[j]) / 2)
  );
  // Of two groups, the one that is kept is the one with the lower number.
  const between = similarity.map((row) => row.slice());
  const groups: (number[] | undefined)[] = matrix.map((_, i) => [i]);
  const nearest = matrix.map((_, i) => nearestOf(between, groups, i));
  for (let joins = 1; joins < n; joins++) {
    let a = -1;
    for (let i = 0; i < n; i++) {
      if (groups[i] === undefined || nearest[i] < 0) continue;
      if (a < 0 || between[i][nearest[i]] > between[a][nearest[a]]) a = i;
    }
    const b = nearest[a];
    const [x, y] = [groups[a]!, groups[b]!];
    groups[a] = joined(x, y, similarity);
    groups[b] = undefined;
    for (let k = 0; k < n; k++) {
      if (groups[k] === undefined || k === a) continue;
      const mean = (x.length * between[a][k] + y.length * between[b][k]) / (x.length + y.length);
      between[a][k] = between[k][a] = mean;
    }
    for (let k = 0; k < n; k++) {
      if (groups[k] === undefined) continue;
      if (k === a || nearest[k] === a || nearest[k] === b) {
        nearest[k] = nearestOf(between, groups, k);
      } else if (k < a && between[k][a] > between[k][nearest[k]]) nearest[k] = a;
    }
  }
  const order = groups.find((group) => group !== undefined) ?? [];
  return order[0] > order[order.length - 1] ? order.toReversed() : order;
}

/** The most similar group with a higher number; -1 where there is none. */
function nearestOf(
  between: readonly Float64Array[],
  groups: readonly unknown[],
  i: number,
): number {
  let best = -1;
  for (let k = i + 1; k < groups.length; k++) {
    if (groups[k] === undefined) continue;
    if (best < 0 || between[i][k] > between[i][best]) best = k;
  }
  return best;
}

function joined(
  x: readonly number[],
  y: readonly number[],
  similarity: readonly Float64Array[],
): number[] {
  const [xs, ys] = [[x, x.toReversed()], [y, y.toReversed()]];
  let best: readonly (readonly number[])[] = [x, y];
  let most = -1;
  for (const left of xs) {
    for (const right of ys) {
      const met = similarity[left[left.length - 1]][right[0]];
      if (met > most) [most, best] = [met, [left, right]];
    }
  }
  return best.flat();
}
