/**
 * A duration as people say it: `0.08 s`, `1.4 s`, `12 s`, `3 min 5 s`, `2 h 10 min`.
 * @param seconds At least 0.
 */
export function formatDuration(seconds: number): string {
  if (seconds < 0.995) return `${seconds.toFixed(2)} s`;
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return joined(Math.floor(whole / 60), "min", whole % 60, "s");
  const minutes = Math.round(whole / 60);
  return joined(Math.floor(minutes / 60), "h", minutes % 60, "min");
}

/**
 * A duration to come, rounded to what one can promise: `40 s`, `3 min`, `2 h 10 min`.
 * @param seconds At least 0.
 */
export function formatEstimate(seconds: number): string {
  if (seconds < 60) return `${Math.max(1, Math.round(seconds))} s`;
  if (seconds < 3570) return `${Math.round(seconds / 60)} min`;
  return formatDuration(Math.round(seconds / 60) * 60);
}

function joined(large: number, unit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${large} ${unit}` : `${large} ${unit} ${small} ${smallUnit}`;
}
