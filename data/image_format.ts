/** Kinds of image files that are read. */
export type ImageFormat = "jpeg" | "png" | "webp" | "gif" | "bmp" | "tiff" | "avif";

/**
 * Tells the kind of an image file from its first bytes, as Pillow does: its name does not count.
 * Undefined for anything else, whatever libvips might make of it (an SVG, a PDF).
 */
export function imageFormat(file: Uint8Array): ImageFormat | undefined {
  const text = String.fromCharCode(...file.subarray(0, 16));
  if (text.startsWith("\xff\xd8\xff")) return "jpeg";
  if (text.startsWith("\x89PNG\r\n\x1a\n")) return "png";
  if (text.startsWith("RIFF") && text.startsWith("WEBP", 8)) return "webp";
  if (text.startsWith("GIF87a") || text.startsWith("GIF89a")) return "gif";
  if (text.startsWith("BM")) return "bmp";
  if (/^(II\*\0|MM\0\*|II\+\0|MM\0\+)/.test(text)) return "tiff";
  if (text.startsWith("ftyp", 4)) return "avif";
  return undefined;
}

/** Endings that count as images, in any case. */
const IMAGE_NAME = /\.(png|jpe?g|webp|bmp|gif|tiff?|avif)$/i;

/** The endings for people. */
export const IMAGE_ENDINGS = "png, jpg, webp, bmp, gif, tif or avif";

/** Whether a path looks like an image by its ending. */
export function isImageName(path: string): boolean {
  return IMAGE_NAME.test(path);
}
