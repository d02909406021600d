/** 256 greys, RGB, `[256, 3]`: the colours of a GIF that brings none. */
export function greyPalette(): Uint8Array {
  return Uint8Array.from({ length: 256 * 3 }, (_, i) => Math.floor(i / 3));
}

/** `[…, 4]` to `[…, 3]`, in the fixed-point arithmetic of Pillow's `alpha_composite` over white. */
export function onWhite(rgba: Uint8Array): Uint8Array {
  const pixels = new Uint8Array(rgba.length / 4 * 3);
  for (let from = 0, to = 0; from < rgba.length; from += 4) {
    const alpha = rgba[from + 3];
    const white = 255 * (255 - alpha);
    for (let channel = 0; channel < 3; channel++) {
      const sum = (rgba[from + channel] * alpha + white + 128) << 7; // 7 bits after the point
      pixels[to++] = (((sum >> 8) + sum) >> 8) >> 7;
    }
  }
  return pixels;
}

/**
 * CMYK, uint8, `[…, 4]` to RGB `[…, 3]` as Pillow's `cmyk2rgb` does it, without any colour profile:
 * what is left of black, less that share of the ink.
 */
export function cmykToRgb(cmyk: Uint8Array): Uint8Array {
  const pixels = new Uint8Array(cmyk.length / 4 * 3);
  for (let from = 0, to = 0; from < cmyk.length; from += 4) {
    const light = 255 - cmyk[from + 3];
    for (let channel = 0; channel < 3; channel++) {
      const product = cmyk[from + channel] * light + 128; // MULDIV255 of ImagingUtils.h
      pixels[to++] = Math.max(0, light - (((product >> 8) + product) >> 8));
    }
  }
  return pixels;
}

/** Grey of 16 bits, `[…]`, to RGB `[…, 3]`: clipped at 255 and not scaled, as Pillow's `I;16` is. */
export function grey16ToRgb(grey: Uint16Array): Uint8Array {
  const pixels = new Uint8Array(grey.length * 3);
  for (let i = 0; i < grey.length; i++) pixels.fill(Math.min(255, grey[i]), i * 3, i * 3 + 3);
  return pixels;
}

/**
 * What is said of grey images of 16 bits that are mostly above 255.
 * @param first The path of the first.
 */
export function sayClipped(count: number, first: string): string {
  return `${
    count === 1 ? "1 image is" : `${count} images are`
  } 16-bit grey and nearly white: values above 255 are clipped, as by Pillow; the first: ${first}; ` +
    "bring them to 8 bits to see what is in them";
}

/** Makes all pixels of one colour white, in place: what a PNG's `tRNS` says is transparent. */
export function keyToWhite(rgb: Uint8Array, key: readonly number[]): Uint8Array {
  for (let i = 0; i < rgb.length; i += 3) {
    if (rgb[i] === key[0] && rgb[i + 1] === key[1] && rgb[i + 2] === key[2]) {
      rgb.fill(255, i, i + 3);
    }
  }
  return rgb;
}
