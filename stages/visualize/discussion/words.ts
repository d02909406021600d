/** "12.3 pixels". */
export const pixels = (x: number) => `${x.toFixed(1)} pixels`;
/** "1.23 nats". */
export const nats = (x: number) => `${x.toFixed(2)} nats`;
/** "12.3%". */
export const percent = (x: number) => `${(100 * x).toFixed(1)}%`;
/** "1 image", "2 images". */
export const counted = (n: number, what: string) => `${n} ${what}${n === 1 ? "" : "s"}`;
/** Arithmetic mean of at least one number. */
export const mean = (values: ArrayLike<number>) =>
  Array.prototype.reduce.call(
    values,
    (a: unknown, b: unknown) => Number(a) + Number(b),
    0,
  ) as number /
  values.length;
/** The first letter as a capital. */
export const capital = (text: string) => text[0].toUpperCase() + text.slice(1);
/** "a", "a and b", "a, b and c". */
export function list(items: readonly string[]): string {
  return items.length < 2 ? items.join("") : `${items.slice(0, -1).join(", ")} and ${items.at(-1)}`;
}
