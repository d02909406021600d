/** Stands where there is nothing. */
export const NONE = "–";

/** A share as people read it: `71.2%`. */
export function formatShare(share: number | null | undefined, digits = 1): string {
  return share === null || share === undefined ? NONE : `${(share * 100).toFixed(digits)}%`;
}

/** A loss as people read it: `1.3046`. */
export function formatLoss(loss: number | null | undefined): string {
  return loss?.toFixed(4) ?? NONE;
}

/** Seconds as people read them: `1 h 05 min`, `2 min 03 s`, `4.2 s`. */
export function formatSeconds(seconds: number | null | undefined): string {
  if (seconds === null || seconds === undefined) return NONE;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  const two = (count: number) => String(count).padStart(2, "0");
  if (hours > 0) return `${hours} h ${two(minutes)} min`;
  return minutes > 0 ? `${minutes} min ${two(whole % 60)} s` : `${whole} s`;
}

/** Day and minute of a moment, local time: `2026-11-24 14:14`. */
export function formatMoment(time: string | null): string {
  if (time === null) return NONE;
  return new Date(time).toLocaleString("sv-SE", { dateStyle: "short", timeStyle: "short" });
}

/** A number to a few digits that count, as it is written in a calculation: `−0.0132`, `1.27e−7`. */
export function formatNumber(value: number, digits = 4): string {
  if (value === 0) return "0";
  const size = Math.abs(value);
  const text = size < 1e-4 || size >= 1e6
    ? value.toExponential(Math.min(digits, 3) - 1)
    : value.toPrecision(digits);
  return text.replaceAll("-", "−").replace("e+", "e");
}
