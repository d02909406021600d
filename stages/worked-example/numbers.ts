/** Digits after the point where a number is not exact; below 0.1 as many that count. */
const DIGITS = 4;

/** A number as it is written in a text: `1,234`, `−0.5`, `0.4223`, `1.07 × 10^13`. */
export function shown(x: number): string {
  const { sign, mantissa, exponent } = parts(x);
  return exponent === undefined
    ? `${sign}${mantissa}`
    : `${sign}${mantissa} × 10^${exponent < 0 ? "−" : ""}${Math.abs(exponent)}`;
}

/** Sign, digits and power of ten of a number; zeros at its end are left out where it is exact. */
export function parts(x: number): { sign: string; mantissa: string; exponent?: number } {
  const sign = x < 0 ? "−" : "";
  const size = Math.abs(x);
  if (Number.isInteger(x) && size < 1e9) return { sign, mantissa: size.toLocaleString("en-GB") };
  if (size !== 0 && (size < 1e-3 || size >= 1e6)) {
    const [digits, power] = size.toExponential(DIGITS - 1).split("e");
    const mantissa = isAlmost(Number(`${digits}e${power}`), size) ? trimmed(digits) : digits;
    return { sign, mantissa, exponent: Number(power) };
  }
  const zeros = size !== 0 && size < 0.1 ? -Math.floor(Math.log10(size)) - 1 : 0;
  const digits = size.toFixed(DIGITS + zeros);
  const [whole, rest] = (isAlmost(Number(digits), size) ? trimmed(digits) : digits).split(".");
  const grouped = Number(whole).toLocaleString("en-GB");
  return { sign, mantissa: rest === undefined ? grouped : `${grouped}.${rest}` };
}

/** Whether {@linkcode shown} says all of a number. */
export function isExact(x: number): boolean {
  const { sign, mantissa, exponent = 0 } = parts(x);
  return isAlmost(
    Number(`${sign === "" ? "" : "-"}${mantissa.replaceAll(",", "")}e${exponent}`),
    x,
  );
}

/** 0.1 + 0.2 is 0.3 to a reader: what a few roundings of float64 leave does not count. */
function isAlmost(a: number, b: number): boolean {
  return Math.abs(a - b) <= 2 ** -50 * Math.abs(b);
}

/** "1 patch", "196 patches". */
export function counted(n: number, one: string, many = `${one}s`): string {
  return `${shown(n)} ${n === 1 ? one : many}`;
}

/** "1", "1 and 2", "1, 2 and 4". */
export function listed(items: readonly (string | number)[]): string {
  if (items.length < 2) return items.join("");
  return `${items.slice(0, -1).join(", ")} and ${items.at(-1)}`;
}

function trimmed(digits: string): string {
  return digits.includes(".") ? digits.replace(/\.?0+$/, "") : digits;
}
