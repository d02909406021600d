import { CommandLineError } from "../cli.ts";

const DAY = 86_400_000;
const AGES: Readonly<Record<string, number>> = { min: 60_000, h: 3_600_000, d: DAY, w: 7 * DAY };
const SIZES: Readonly<Record<string, number>> = {
  ...{ B: 1, kB: 1e3, MB: 1e6, GB: 1e9, TB: 1e12 },
  ...{ KB: 1e3, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30, TiB: 2 ** 40 },
};

/**
 * `30d` as milliseconds: min, h, d or w.
 * @throws {CommandLineError}
 */
export function parseAge(text: string): number {
  return parse(text, AGES, "--older-than", "it must be a number and min, h, d or w: 30d");
}

/**
 * `20GB` as bytes: B, kB, MB, GB, TB (of 1,000) or KiB, MiB, GiB, TiB (of 1,024).
 * @throws {CommandLineError}
 */
export function parseSize(text: string): number {
  return parse(text, SIZES, "--keep-size", "it must be a number and B, kB, MB, GB or TB: 20GB");
}

function parse(
  text: string,
  units: Readonly<Record<string, number>>,
  option: string,
  rule: string,
): number {
  const [, number, word] = /^(\d+(?:\.\d+)?)\s*([A-Za-z]+)$/.exec(text) ?? [];
  const unit = Object.keys(units).find((one) => one.toLowerCase() === word?.toLowerCase());
  if (unit === undefined) {
    throw new CommandLineError(`Cannot use ${JSON.stringify(text)} for ${option}: ${rule}`);
  }
  return Number(number) * units[unit];
}
