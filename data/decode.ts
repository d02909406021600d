import sharp from "sharp";
import { messageOf, UserError } from "../base/errors.ts";
import { decodeBmp } from "./bmp.ts";
import { cmykToRgb, grey16ToRgb, keyToWhite, onWhite } from "./colour.ts";
import { decodeGif } from "./gif.ts";
import { type ImageFormat, imageFormat, unreadFormat } from "./image_format.ts";
import { jpegComponents } from "./jpeg.ts";
import { checkPixels, MAX_PIXELS } from "./pixel_limit.ts";
import { readPng } from "./png.ts";
import type { Size } from "./resample.ts";

/** One image. */
export interface DecodedImage extends Size {
  /** RGB, uint8, `[height, width, 3]`. */
  readonly pixels: Uint8Array;
  /** Set for plain grey of 16 bits of which more than half is above 255, and so clipped to white. */
  readonly clipped?: true;
}

/** An image file that could not be turned into pixels. */
export class UnreadableImage extends UserError {
  override name = "UnreadableImage";
  /** What is wrong with it, as the end of a sentence. */
  readonly reason: string;
  /** Its path as it was asked for. */
  readonly shown: string;

  constructor(
    shown: string,
    reason: string,
    options: { what?: string; hint?: string; cause?: unknown } = {},
  ) {
    super(`Cannot read ${options.what ?? ""}${shown}: ${reason}`, options);
    this.reason = reason;
    this.shown = shown;
  }
}

/**
 * An image file whose bytes are no whole image of a kind that is known, or too many. The reason
 * depends on these bytes alone: it is the same on every machine and in every call.
 */
export class BrokenImage extends UnreadableImage {
  override name = "BrokenImage";

  constructor(shown: string, reason: string, cause?: unknown) {
    super(shown, reason, {
      what: "the image ",
      hint: "The file is cut, damaged or of another kind; replace it or take it out of the folder",
      cause,
    });
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
 * {@linkcode MAX_PIXELS} pixels (from its header, before memory is taken) or more bytes than those take.
 * @throws {UnreadableImage} if the file cannot be read at all.
 */
export async function decodeImage(path: string, shown: string = path): Promise<DecodedImage> {
  let file: Uint8Array<ArrayBuffer>;
  try {
    const { size } = await Deno.stat(path);
    if (size > MAX_BYTES) throw tooLarge(shown, size);
    file = await Deno.readFile(path);
  } catch (cause) {
    if (cause instanceof BrokenImage) throw cause;
    const why = cause instanceof Deno.errors.NotFound ? "there is no such file" : messageOf(cause);
    throw new UnreadableImage(shown, why.replaceAll(path, shown), { cause });
  }
  return await decodeEncoded(file, shown);
}

/**
 * The same of an image file whose bytes are in memory: a member of an archive, a cell of a table.
 *
 * @throws {BrokenImage} as {@linkcode decodeImage}.
 */
export async function decodeEncoded(
  file: Uint8Array<ArrayBuffer>,
  shown: string,
): Promise<DecodedImage> {
  if (file.length > MAX_BYTES) throw tooLarge(shown, file.length);
  const format = imageFormat(file);
  try {
    return await decodeBytes(file, format);
  } catch (cause) {
    throw new BrokenImage(shown, reasonOf(cause, format), cause);
  }
}

const tooLarge = (shown: string, size: number) =>
  new BrokenImage(shown, `it has ${size} bytes, more than an image may have`);

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
    case "webp":
    case "avif": {
      const header = await sharp(file, { ...OPTIONS, limitInputPixels: false }).metadata();
      checkPixels(header.width, header.height);
      return await decodeBySharp(file, format === "tiff" ? tiffSpace(header) : "srgb");
    }
    default:
      throw new RangeError(noImage(file));
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
    const grey = new Uint16Array(samples.slice().buffer);
    const above = grey.reduce((count, value) => value > 255 ? count + 1 : count, 0);
    const clipped = 2 * above > grey.length && { clipped: true as const };
    return { height, width, pixels: grey16ToRgb(grey), ...clipped };
  }
  if (space === "cmyk") return { height, width, pixels: cmykToRgb(samples) };
  if (channels !== 3 && channels !== 4) {
    throw new RangeError(`${channels} samples a pixel are not read`);
  }
  return { height, width, pixels: channels === 4 ? onWhite(samples) : samples };
}

function tiffSpace({ space, depth, channels }: sharp.Metadata): Space {
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

/** Why a file of none of the kinds is no image. */
function noImage(file: Uint8Array): string {
  if (file.length === 0) return "the file is empty";
  const other = unreadFormat(file);
  return other === undefined
    ? "it does not begin as an image does"
    : `${other} is not read; convert it to JPEG or PNG`;
}

/**
 * What went wrong: what our own checks say, or else no more than the format. libvips' texts are
 * those of all threads, in one buffer: with several images at once they are another's or none.
 */
function reasonOf(error: unknown, format: ImageFormat | undefined): string {
  if (error instanceof RangeError) return error.message;
  switch (format) {
    case "tiff":
    case "avif": // many kinds of samples and codecs, of which libvips has some
      return `the ${format.toUpperCase()} is cut, damaged or of a kind that is not read`;
    case "webp":
      return "the WebP is cut or damaged";
    default:
      return `the ${format?.toUpperCase() ?? "file"} is cut or damaged`;
  }
}
