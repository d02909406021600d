import type { RunRow } from "../messages.ts";

/** What a table is ordered by: one of the fixed columns, or a parameter's dotted path. */
export interface Order {
  readonly by: string;
  readonly down: boolean;
}

/** What is chosen of all runs. */
export interface Choice {
  /** Words that all must be met; `path=value` asks for a parameter. */
  readonly words: string;
  /** A state, or "" for any. */
  readonly state: string;
  readonly order: Order;
}

/** The runs that meet a choice, in its order. */
export function choose(
  runs: readonly RunRow[],
  columns: readonly string[],
  { words, state, order }: Choice,
): RunRow[] {
  const wanted = words.toLowerCase().split(/\s+/).filter(Boolean);
  const chosen = runs.filter((run) =>
    (state === "" || run.state === state) && wanted.every((word) => meets(run, columns, word))
  );
  return chosen.toSorted((a, b) =>
    compare(valueOf(a, columns, order.by), valueOf(b, columns, order.by), order.down) ||
    compare(a.name, b.name, false)
  );
}

function meets(run: RunRow, columns: readonly string[], word: string): boolean {
  if (`${run.name} ${run.state} ${run.stages}`.toLowerCase().includes(word)) return true;
  return columns.some((path, i) => {
    const value = run.values[i];
    return value !== null && `${path}=${value}`.toLowerCase().includes(word);
  });
}

function valueOf(run: RunRow, columns: readonly string[], by: string): string | number | null {
  switch (by) {
    case "name":
    case "state":
    case "started":
    case "seconds":
    case "validation":
    case "test":
      return run[by];
    default:
      return run.values[columns.indexOf(by)] ?? null;
  }
}

/** Numbers by size, texts with the numbers in them by size too; what is not there always last. */
function compare(a: string | number | null, b: string | number | null, down: boolean): number {
  if (a === null || b === null) return Number(a === null) - Number(b === null);
  const [x, y] = [Number(a), Number(b)];
  const numbers = a !== "" && b !== "" && !Number.isNaN(x) && !Number.isNaN(y);
  const order = numbers ? x - y : COLLATOR.compare(String(a), String(b));
  return down ? -order : order;
}

const COLLATOR = new Intl.Collator("en", { numeric: true });

/** The parameters that are not the same in all of these runs. */
export function differing(runs: readonly RunRow[], columns: readonly string[]): string[] {
  return columns.filter((_, i) => runs.some(({ values }) => values[i] !== runs[0].values[i]));
}
