import type { Picture } from "../../../figures/picture.ts";

/** A picture of a few squares, whose colours change in both directions. */
export function squares(width: number, height: number): Picture {
  const data = Uint8Array.from(
    { length: width * height * 3 },
    (_, i) => {
      const [x, y, channel] = [Math.floor(i / 3) % width, Math.floor(i / 3 / width), i % 3];
      return [40 + 180 * x / width, 40 + 180 * y / height, 90][channel];
    },
  );
  return { width, height, data };
}
