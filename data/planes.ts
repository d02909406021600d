/** One image, from three planes to pixels: `[3, 32, 32]` to `[32, 32, 3]`. */
export function interleave(planes: Uint8Array, from: number, pixels: Uint8Array, to: number): void {
  for (let pixel = 0; pixel < 1024; pixel++) {
    pixels[to + 3 * pixel] = planes[from + pixel];
    pixels[to + 3 * pixel + 1] = planes[from + 1024 + pixel];
    pixels[to + 3 * pixel + 2] = planes[from + 2048 + pixel];
  }
}
