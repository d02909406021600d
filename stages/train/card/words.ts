/** 3647624 as "3,647,624". */
export function count(n: number): string {
  return n.toLocaleString("en-GB");
}

/** "1 image", "2,000 images". */
export function counted(n: number, one: string, many = `${one}s`): string {
  return `${count(n)} ${n === 1 ? one : many}`;
}

/** A share as "86.13%". */
export function percent(share: number, digits = 2): string {
  return `${(100 * share).toFixed(digits)}%`;
}

/** Four significant digits, without zeros at the end. */
export function number(x: number): string {
  return String(Number(x.toPrecision(4)));
}

/** Height and width as "64 × 64 pixels". */
export function pixels([height, width]: readonly [number, number] | readonly number[]): string {
  return `${height} × ${width} pixels`;
}

/** "a, b and c"; of more than `most`, the first ones and how many more there are. */
export function list(items: readonly string[], most = 12): string {
  if (items.length > most) {
    return `${items.slice(0, most - 2).join(", ")} and ${count(items.length - most + 2)} more`;
  }
  if (items.length < 2) return items.join("");
  return `${items.slice(0, -1).join(", ")} and ${items.at(-1)}`;
}

/**
 * A name from outside (a class is called as its folder) so that Markdown shows it as it is, in a
 * sentence and in a cell of a table.
 */
export function plain(name: string): string {
  return name
    .replace(/[\p{Cc}\u2028\u2029]+/gu, " ")
    .replace(/[\\`*[\]<>|~&]|(?<!\w)_|_(?!\w)/g, "\\$&");
}

/** A table in Markdown. @param right Columns, from 0, that hold numbers. */
export function table(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  right: readonly number[] = [],
): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  const rule = head.map((_, column) => right.includes(column) ? "---:" : "---");
  return [head, rule, ...rows].map(line).join("\n");
}
