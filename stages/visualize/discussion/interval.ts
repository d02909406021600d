import { Z95 } from "../../../base/statistics.ts";
import { studentT } from "../../../base/welch.ts";
import { mean } from "./words.ts";

/** The mean of independent values with its 95% interval by Student's t; below five values, none. */
export function meanInterval(
  values: readonly number[],
): { mean: number; interval?: [low: number, high: number] } {
  const center = mean(values);
  const n = values.length;
  if (n < 5) return { mean: center };
  const variance = values.reduce((sum, x) => sum + (x - center) ** 2, 0) / (n - 1);
  const half = studentT(Z95, n - 1) * Math.sqrt(variance / n);
  return { mean: center, interval: [center - half, center + half] };
}
