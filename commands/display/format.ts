import { formatEstimate } from "../../base/duration.ts";
import type { RunEvent } from "../../pipeline/events.ts";
import type { Status } from "../../pipeline/types.ts";

type Progress = Extract<RunEvent, { type: "progress" }>;

/** Time left, rounded to what one can promise: `40 s left`, `3 min left`. */
export function formatLeft(seconds: number): string {
  return `${formatEstimate(seconds)} left`;
}

/** A rate with three digits: `812`, `0.52`, `12.3`. */
export function formatRate(rate: number): string {
  if (rate >= 99.95) return String(Math.round(rate));
  return rate.toFixed(rate >= 9.995 ? 1 : 2);
}

/**
 * `epoch 3/10  step 410/3520  812 steps/s  3 min left`; bytes are shown as MB.
 *
 * @param room Columns there are. Rate and time left are what people wait for: where all does not
 * fit, the count goes first (the detail has one of its own), then the end of the detail.
 */
export function formatProgress(
  { done, total, unit, detail, rate, left }: Progress,
  room = Infinity,
): string {
  const bytes = unit === "bytes";
  const amount = (value: number) => bytes ? (value / 1e6).toFixed(1) : String(value);
  const name = bytes ? "MB" : unit;
  const counted = `${amount(done)}/${amount(total)} ${name}`;
  const parts: string[] = [];
  if (rate > 0 && done < total) {
    parts.push(`${formatRate(bytes ? rate / 1e6 : rate)} ${name}/s`);
    if (left !== null) parts.push(formatLeft(left));
  }
  const all = [...(detail ? [detail] : []), counted, ...parts].join("  ");
  const pace = parts.join("  ");
  const roomForDetail = room - pace.length - 2;
  if (all.length <= room || !detail || parts.length === 0 || roomForDetail < 8) return all;
  return `${cut(detail, roomForDetail)}  ${pace}`;
}

/** Cuts a text to a number of characters. */
export function cut(text: string, room: number): string {
  const line = text.replaceAll(/\s*\n\s*/g, " ");
  return line.length <= room ? line : `${line.slice(0, Math.max(0, room - 3))}...`;
}

const COLORS: Readonly<Partial<Record<Status, number>>> = {
  ran: 32,
  resumed: 32,
  redrawn: 32,
  restored: 36,
  fresh: 36,
  failed: 31,
  skipped: 33,
  interrupted: 33,
};

/** Writes in colours, or plainly where people do not want them. */
export class Paint {
  readonly #color: boolean;

  constructor(color: boolean) {
    this.#color = color;
  }

  /** A text in the colour of a status. */
  status(status: Status, text: string): string {
    return this.#wrap(text, COLORS[status] ?? 2);
  }

  bold(text: string): string {
    return this.#wrap(text, 1);
  }

  /** For what matters less. */
  dim(text: string): string {
    return this.#wrap(text, 2);
  }

  warning(text: string): string {
    return this.#wrap(text, 33);
  }

  #wrap(text: string, code: number): string {
    return this.#color && text !== "" ? `\x1b[${code}m${text}\x1b[0m` : text;
  }
}
