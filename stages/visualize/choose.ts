/**
 * Chooses images class by class, the first of each, then the second of each and so on, so that a few
 * show as many classes as they can. Nothing is drawn at random: the same test images give the same
 * choice.
 *
 * @param labels Class of each image.
 * @param classes How many there are.
 * @param count How many images; fewer where there are fewer.
 * @returns Rows, in the order of the choice.
 */
export function chooseImages(labels: Int32Array, classes: number, count: number): number[] {
  const byClass = Array.from({ length: classes }, (): number[] => []);
  labels.forEach((label, row) => byClass[label].push(row));
  const longest = Math.max(0, ...byClass.map((rows) => rows.length));
  const chosen: number[] = [];
  for (let turn = 0; turn < longest && chosen.length < count; turn++) {
    for (const rows of byClass) {
      if (turn < rows.length && chosen.length < count) chosen.push(rows[turn]);
    }
  }
  return chosen;
}
