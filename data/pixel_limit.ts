/**
 * Pixels that an image may have: twice Pillow's `MAX_IMAGE_PIXELS`, from where on Pillow refuses it
 * too. A header that says more is refused before any memory is taken for it.
 */
export const MAX_PIXELS = 178_956_970;

/**
 * @throws {RangeError} if there are no pixels, or more than {@linkcode MAX_PIXELS}.
 */
export function checkPixels(width: number, height: number): void {
  if (!(width >= 1 && height >= 1)) throw new RangeError(`it has ${width}x${height} pixels`);
  if (width * height > MAX_PIXELS) {
    throw new RangeError(
      `it says that it has ${width}x${height} pixels, and more than ${MAX_PIXELS} are not read`,
    );
  }
}
