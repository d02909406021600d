/**
 * Lays rows out in columns, two spaces apart, each as wide as its widest cell.
 * @param options.right Columns, from 0, that end where their heading does: numbers.
 * @returns Lines without spaces at their end, indented by two.
 */
export function formatTable(
  headings: readonly string[],
  rows: readonly (readonly string[])[],
  options: { readonly right?: readonly number[] } = {},
): string {
  const widths = headings.map((heading, column) =>
    Math.max(heading.length, ...rows.map((row) => row[column].length))
  );
  const line = (row: readonly string[]) =>
    row.map((cell, column) =>
      options.right?.includes(column) ? cell.padStart(widths[column]) : cell.padEnd(widths[column])
    ).join("  ");
  return [headings, ...rows].map((row) => `  ${line(row)}`.trimEnd()).join("\n");
}
