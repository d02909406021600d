import { type Body, counted, type Figure, figure, panelTitle, rounded } from "./figure.ts";
import { COLOURS } from "./theme.ts";

/** A matrix with its name and what its rows and columns are. */
export interface NamedMatrix {
  readonly title: string;
  readonly rows: readonly (readonly number[])[];
  /** Before the number of a row and of a column: "patch", "number". */
  readonly row: string;
  readonly column: string;
}

/** Above so many rows or columns there is no room for a number in a square. */
const MOST_NUMBERED = 16;
/** And above so many the rest is left out. */
const MOST_DRAWN = 64;
/** Share of a matrix's largest number that is what rounding leaves of 0. */
const NOTHING = 2 ** -50;
/** Widest panel, units of the figure. */
const WIDEST = 520;

/**
 * The matrices of attention side by side, as many to a row as there is room for: squares with their numbers, blue above
 * zero and orange below, as deep as they are far from it within their own matrix.
 */
export function attentionMatrices(
  matrices: readonly NamedMatrix[],
  about: { readonly scaled: boolean; readonly patches: number },
): Figure {
  const cut = matrices.some(({ rows }) => rows.length > MOST_DRAWN || rows[0].length > MOST_DRAWN);
  const rows = inRows(matrices.map(panel));
  const patches = counted(about.patches, "patch", "patches");
  return figure({
    name: "attention-matrices",
    title: "Attention in numbers",
    subtitle: [
      `${patches}, scores ${
        about.scaled ? "divided by √d_k" : "not scaled"
      }; weights add up to 1 in each row`,
      "Blue: above zero, orange: below; the deepest colour is the largest number of its own matrix",
      ...(cut ? [`Only the first ${MOST_DRAWN} rows and columns of each are drawn`] : []),
    ],
    description: `Heat maps with their numbers: ${
      matrices.map(({ title }) => title).join("; ")
    }. For ${patches}.`,
  }, {
    vconcat: rows.map((some) => ({
      hconcat: some,
      spacing: 36,
      resolve: { scale: { color: "independent" } },
    })),
    spacing: 32,
    resolve: { scale: { color: "independent" } },
  });
}

/** Widest row, and what a panel takes beside its squares. */
const [ROW, BESIDE] = [860, 100];

/** Panels in their order, three to a row at most, fewer where these are wide. */
function inRows(panels: readonly (Body & { width: number })[]): Body[][] {
  const rows: (Body & { width: number })[][] = [[]];
  for (const next of panels) {
    const last = rows.at(-1)!;
    const taken = [...last, next].reduce((sum, { width }) => sum + width + BESIDE, 0);
    if (last.length === 3 || last.length > 0 && taken > ROW) rows.push([next]);
    else last.push(next);
  }
  return rows;
}

function panel({ title, rows, row, column }: NamedMatrix): Body & { width: number } {
  const down = Math.min(rows.length, MOST_DRAWN);
  const across = Math.min(rows[0].length, MOST_DRAWN);
  const numbered = Math.max(down, across) <= MOST_NUMBERED;
  const most = rows.flat().reduce((largest, x) => Math.max(largest, Math.abs(x)), 0);
  const values = rows.slice(0, down).flatMap((numbers, i) =>
    numbers.slice(0, across).map((x, j) => ({
      row: i + 1,
      column: j + 1,
      value: rounded(x, 6),
      text: inSquare(Math.abs(x) < NOTHING * most ? 0 : x),
    }))
  );
  const longest = values.reduce((length, { text }) => Math.max(length, text.length), 1);
  const step = numbered ? Math.max(34, 8 * longest + 10) : Math.max(3, Math.floor(WIDEST / across));
  const axis = (title: string) => ({
    type: "ordinal",
    title,
    axis: { labelAngle: 0, labelOverlap: "parity" },
    scale: { paddingInner: 0, paddingOuter: 0 },
  });
  const y = { field: "row", ...axis(row) };
  const x = { field: "column", ...axis(column) };
  return {
    title: panelTitle(title),
    width: step * across,
    height: numbered ? 34 * down : step * down,
    data: { values },
    layer: [
      {
        mark: { type: "rect", stroke: numbered ? "#ffffff" : null, strokeWidth: 2 },
        encoding: {
          x,
          y,
          color: {
            field: "value",
            type: "quantitative",
            legend: null,
            scale: {
              domain: [-(most || 1), 0, most || 1],
              range: [COLOURS.orange, "#f3f3f3", COLOURS.sky],
              interpolate: "rgb",
            },
          },
        },
      },
      ...(numbered
        ? [{ mark: { type: "text" }, encoding: { x, y, text: { field: "text", type: "nominal" } } }]
        : []),
    ],
  };
}

/** A number that fits into a square: three digits after the point, or a power of ten. */
function inSquare(x: number): string {
  if (x === 0) return "0";
  const size = Math.abs(x);
  const text = Number.isInteger(x) && size < 1e5
    ? String(size)
    : size >= 1e5 || size < 5e-4
    ? size.toExponential(1).replace("e+", "e").replace("e-", "e−")
    : size.toFixed(size < 100 ? 3 : 1);
  return x < 0 ? `−${text}` : text;
}
