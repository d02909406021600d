import sharp from "sharp";
import { messageOf, UserError } from "../base/errors.ts";
import { printable } from "../base/printable.ts";
import { decodeBmp } from "./bmp.ts";
import { cmykToRgb, grey16ToRgb, keyToWhite, onWhite } from "./colour.ts";
import { decodeGif } from "./gif.ts";
import { type ImageFormat, imageFormat } from "./image_format.ts";
import { jpegComponents } from "./jpeg.ts";
import { MAX_PIXELS, tooManyPixels } from "./pixel_limit.ts";
import { readPng } from "./png.ts";
import type { Size } from "./resample.ts";

/** One image. */
export interface DecodedImage extends Size {
  /** RGB, uint8, `[height, width, 3]`. */
  readonly pixels: Uint8Array;
}

/** An image file whose bytes were read and are no whole image of a kind that is known. */
export class BrokenImage extends UserError {
  override name = "BrokenImage";
  /** What is wrong with it, as the end of a sentence, the same on every machine. */
  readonly reason: string;
  /** Its path as it was asked for. */
  readonly shown: string;

  constructor(shown: string, reason: string, cause?: unknown) {
    super(`Cannot read the image ${shown}: ${reason}`, {
      hint: "The file is cut, damaged or of another kind; replace it or take it out of the folder",
      cause,
    });
    this.reason = reason;
    this.shown = shown;
  }
}

/** Largest file that is read, bytes: what the most pixels take with 8 bytes each, and a bit more. */
const MAX_BYTES = 9 * MAX_PIXELS;

/**
 * Reads one image file as Pillow 12's `convert("RGB")` does, to the byte: grey and palettes become
 * RGB, CMYK too (without its colour profile; all profiles are left aside), of 16 bits the upper 8
 * are kept but those of plain grey, which are clipped at 255; of an animation the first picture is
 * taken. Two exceptions are meant: the camera's orientation (EXIF) is applied, and what is
 * transparent lies on white, in the arithmetic of Pillow's `alpha_composite`.
 *
 * JPEG, PNG, WebP, GIF, BMP and TIFF come out as in Pillow. AVIF does not quite: Pillow smooths the
 * colour of 4:2:0 while enlarging it, libheif repeats it. With 4:4:4 a value differs by at most 1; on a
 * noisy 4:2:0 picture most differ, by up to 64.
 *
 * @param path The file.
 * @param shown Its path as errors name it.
 * @throws {BrokenImage} if it is cut, no image that is known, or has more than
 * {@linkcode MAX_PIXELS} pixels (from its header, before memory is taken).
 * @throws {UserError} if the file cannot be read at all.
 */
export async function decodeImage(path: string, shown: string = path): Promise<DecodedImage> {
  let file: Uint8Array<ArrayBuffer>;
  try {
    const { size } = await Deno.stat(path);
    if (size > MAX_BYTES) throw new RangeError(`it has ${size} bytes, more than an image may have`);
    file = await Deno.readFile(path);
  } catch (cause) {
    const why = cause instanceof Deno.errors.NotFound ? "there is no such file" : messageOf(cause);
    throw new UserError(`Cannot read ${shown}: ${why}`, { cause });
  }
  const format = imageFormat(file);
  try {
    return await decodeBytes(file, format);
  } catch (cause) {
    throw new BrokenImage(shown, reasonOf(cause, format), cause);
  }
}

async function decodeBytes(
  file: Uint8Array<ArrayBuffer>,
  format: ImageFormat | undefined,
): Promise<DecodedImage> {
  switch (format) {
    case "bmp":
      return decodeBmp(file);
    case "gif":
      return decodeGif(file);
    case "jpeg":
      return await decodeBySharp(file, jpegComponents(file) === 4 ? "cmyk" : "srgb");
    case "png": {
      const { grey16, key, file: rest } = readPng(file);
      const image = await decodeBySharp(rest, grey16 ? "grey16" : "srgb");
      return key ? { ...image, pixels: keyToWhite(image.pixels, key) } : image;
    }
    case "tiff":
      return await decodeBySharp(file, await tiffSpace(file));
    case "webp":
    case "avif":
      return await decodeBySharp(file, "srgb");
    default:
      throw new RangeError(
        file.length === 0 ? "the file is empty" : "it does not begin as an image does",
      );
  }
}

/** What samples are read as: all but the first keep libvips from converting in its own way. */
type Space = "srgb" | "cmyk" | "grey16";

// "error" refuses what is cut; "warning" would also refuse harmless leftovers after the image.
const OPTIONS = { failOn: "error", ignoreIcc: true, limitInputPixels: MAX_PIXELS } as const;

async function decodeBySharp(file: Uint8Array, space: Space): Promise<DecodedImage> {
  const image = sharp(file, OPTIONS).autoOrient();
  const { data, info } = await (space === "srgb" ? image : image.pipelineColourspace(space))
    .toColourspace(space).raw({ depth: space === "grey16" ? "ushort" : "uchar" })
    .toBuffer({ resolveWithObject: true });
  const { height, width } = info;
  const channels: number = info.channels;
  const samples = new Uint8Array(data.buffer, data.byteOffset, data.length);
  if (space === "grey16") {
    return { height, width, pixels: grey16ToRgb(new Uint16Array(samples.slice().buffer)) };
  }
  if (space === "cmyk") return { height, width, pixels: cmykToRgb(samples) };
  if (channels !== 3 && channels !== 4) {
    throw new RangeError(`${channels} samples a pixel are not read`);
  }
  return { height, width, pixels: channels === 4 ? onWhite(samples) : samples };
}

async function tiffSpace(file: Uint8Array): Promise<Space> {
  const { space, depth, channels } = await sharp(file, OPTIONS).metadata();
  if (depth !== "uchar" && depth !== "ushort") {
    throw new RangeError(`a TIFF of ${depth} samples is not read`);
  }
  if (space === "cmyk" && channels === 4) return "cmyk";
  if (space === "grey16" && channels === 1) return "grey16";
  if (!["srgb", "b-w", "rgb", "rgb16", "grey16"].includes(space)) {
    throw new RangeError(`a TIFF of ${space} colours is not read`);
  }
  return "srgb";
}

/** What libraries say of a file that ends too early. */
const CUT = /premature end|end of (stream|file)|unexpected end|read error|bad seek|truncated/i;

/** What went wrong, in one line that is the same from call to call. */
function reasonOf(error: unknown, format: ImageFormat | undefined): string {
  const line = messageOf(error).split("\n")[0].trim();
  if (error instanceof RangeError || format === undefined) return line;
  if (/exceeds pixel limit/.test(line)) return tooManyPixels("it has too many").message;
  const name = format === "webp" ? "WebP" : format.toUpperCase();
  if (CUT.test(line)) return `the ${name} is cut or damaged`;
  const detail = line.replace(/^Input buffer has corrupt header: /, "").replace(/^[\w_]+: /, "");
  return `the ${name} is damaged or of a kind that is not read (${printable(detail)})`;
}
