import sharp from "sharp";
import { messageOf, UserError } from "../base/errors.ts";
import { decodeBmp, isBmp } from "./bmp.ts";
import type { Size } from "./resample.ts";

export { type FolderImages, type ImageFolder, listImageFolder } from "./imagefolder_list.ts";

/** One image. */
export interface DecodedImage extends Size {
  /** RGB, uint8, `[height, width, 3]`. */
  readonly pixels: Uint8Array;
}

/**
 * Reads one image file as Pillow's `convert("RGB")` does: grey and palettes become RGB, colour
 * profiles are left aside, of an animation the first picture is taken. The camera's orientation
 * (EXIF) is applied; what is transparent lies on white.
 *
 * PNG, JPEG, WebP, GIF, TIFF and BMP of 8 bits a channel come out to the byte as in Pillow 12. Not
 * so: 16 bits a channel keep their upper 8 (Pillow clips grey ones), and CMYK and AVIF go through
 * libvips' own conversion.
 *
 * @throws {UserError} with the path, if the file is not there, is cut, or is no image that is known.
 */
export async function decodeImage(path: string): Promise<DecodedImage> {
  let file: Uint8Array<ArrayBuffer>;
  try {
    file = await Deno.readFile(path);
  } catch (cause) {
    const why = cause instanceof Deno.errors.NotFound ? "there is no such file" : messageOf(cause);
    throw new UserError(`Cannot read ${path}: ${why}`, { cause });
  }
  try {
    return isBmp(file) ? decodeBmp(file) : await decodeBySharp(file);
  } catch (cause) {
    const why = messageOf(cause).split("\n")[0];
    throw new UserError(`Cannot read the image ${path}: ${why}`, {
      hint: "The file is cut, damaged or of another kind; replace it or take it out of the folder",
      cause,
    });
  }
}

async function decodeBySharp(file: Uint8Array): Promise<DecodedImage> {
  // "error" refuses what is cut; "warning" would also refuse harmless leftovers after the image.
  const { data, info } = await sharp(file, { failOn: "error", ignoreIcc: true })
    .autoOrient().toColourspace("srgb").raw({ depth: "uchar" })
    .toBuffer({ resolveWithObject: true });
  const samples = new Uint8Array(data.buffer, data.byteOffset, data.length);
  const { height, width, channels } = info;
  return { height, width, pixels: (channels as number) === 4 ? onWhite(samples) : samples };
}

/** `[…, 4]` to `[…, 3]`, in the fixed-point arithmetic of Pillow's `alpha_composite`. */
function onWhite(rgba: Uint8Array): Uint8Array {
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
