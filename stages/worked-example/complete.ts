import { counted, listed, shown } from "./numbers.ts";
import type { PlanView } from "../stage.ts";
import { attend } from "./attention.ts";
import type { WorkedExampleParams } from "./params.ts";
import { nearestDivisors, nearestMultiples, sides } from "./patches.ts";

/** Heads by default: the most of these that divide d. */
const HEADS = [3, 2, 1];

/** Checks what a schema cannot: what divides what, and that matrices fit each other. */
export function checkParams(params: WorkedExampleParams, view: PlanView): WorkedExampleParams {
  const divides = checkPatches(params.patches, view);
  if (checkShapes(params.attention, view)) checkSize(params.attention, view);
  const { comparison, patches } = params;
  const [height, width] = sides(patches.image);
  const [down, across] = sides(patches.patch);
  const n = comparison.n ?? (divides ? height / down * width / across : 1);
  const heads = comparison.heads ?? HEADS.find((heads) => comparison.d % heads === 0);
  checkHeads(comparison, view);
  return { ...params, comparison: { ...comparison, n, heads } };
}

function checkPatches(
  { image, patch }: WorkedExampleParams["patches"],
  view: PlanView,
): boolean {
  const [imageSides, patchSides] = [sides(image), sides(patch)];
  let fits = true;
  for (const [index, side] of ["height", "width"].entries()) {
    const [whole, part] = [imageSides[index], patchSides[index]];
    if (whole % part === 0) continue;
    fits = false;
    // A square image and square patches have one mistake, not two.
    if (index === 1 && whole === imageSides[0] && part === patchSides[0]) continue;
    view.problem(
      "patches.image",
      `Cannot cut a ${side} of ${counted(whole, "pixel")} into patches of ${part}: ` +
        `${part} divides ${listed(nearestMultiples(whole, part))}, ` +
        `and ${whole} is divided by ${listed(nearestDivisors(whole, part))}`,
    );
  }
  return fits;
}

function checkHeads({ heads, d }: WorkedExampleParams["comparison"], view: PlanView): void {
  if (heads === undefined || d % heads === 0) return;
  view.problem(
    "comparison.heads",
    `Cannot share ${counted(d, "number")} among ${counted(heads, "head")}: each takes as many, ` +
      `and ${shown(d)} is divided by ${listed(nearestDivisors(d, heads))}`,
  );
}

const MATRICES = [
  { role: "query", name: "W_Q", made: "q" },
  { role: "key", name: "W_K", made: "k" },
  { role: "value", name: "W_V", made: "v" },
] as const;

/** Says which matrix does not fit, and why. */
function checkShapes(attention: WorkedExampleParams["attention"], view: PlanView): boolean {
  let whole = true;
  const problem = (place: string, message: string) => {
    whole = false;
    view.problem(place, message);
  };
  for (const role of ["patches", "query", "key", "value"] as const) {
    const [first, ...others] = attention[role];
    const other = others.findIndex((row) => row.length !== first.length);
    if (other < 0) continue;
    const what = role === "patches" ? "Patch" : "Row";
    problem(
      `attention.${role}.${other + 1}`,
      `Cannot use "${role}": ${what.toLowerCase()} ${other + 2} has ${
        counted(others[other].length, "number")
      } and ${what.toLowerCase()} 1 has ${first.length}: all must have as many`,
    );
  }
  if (!whole) return false;
  const width = attention.patches[0].length;
  for (const { role, name, made } of MATRICES) {
    const columns = attention[role][0].length;
    if (columns === width) continue;
    problem(
      `attention.${role}`,
      `Cannot multiply ${name} and a patch: ${name} is ${
        attention[role].length
      } × ${columns} and ` +
        `a patch has ${counted(width, "number")}: ${made} = ${name} p takes as many columns`,
    );
  }
  const [queries, keys] = [attention.query.length, attention.key.length];
  if (whole && queries !== keys) {
    problem(
      "attention.key",
      `Cannot compare queries and keys: q has ${counted(queries, "number")} (rows of W_Q) and ` +
        `k has ${keys} (rows of W_K): q · k takes as many`,
    );
  }
  return whole;
}

/** Numbers that are each finite may have a product that is not. */
function checkSize(attention: WorkedExampleParams["attention"], view: PlanView): void {
  const { queries, keys, values, scores, outputs } = attend(attention);
  for (const [what, rows] of Object.entries({ queries, keys, values, scores, outputs })) {
    if (rows.every((row) => row.every(Number.isFinite))) continue;
    view.problem(
      "attention",
      `Cannot work out the attention: its ${what} go beyond ${
        Number.MAX_VALUE.toPrecision(2)
      }, the largest number that a computer reckons with; use smaller ones`,
    );
    return;
  }
}
