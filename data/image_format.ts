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
  return heifBrand(file) === "avif" ? "avif" : undefined;
}

/** Brands of HEIF files that hold HEVC (H.265), which is not read. */
const HEIC_BRANDS = ["heic", "heix", "heim", "heis", "hevc", "hevx", "hevm", "hevs"];

/**
 * Tells AVIF from HEIC by the brands in the first box (ISO 23008-12): both may be called `mif1`, the
 * brands that they are compatible with decide. Undefined for other files with such a box: videos.
 */
function heifBrand(file: Uint8Array): "avif" | "heic" | undefined {
  if (file.length < 12 || String.fromCharCode(...file.subarray(4, 8)) !== "ftyp") return undefined;
  const size = new DataView(file.buffer, file.byteOffset).getUint32(0);
  const brands: string[] = [];
  for (let at = 8; at + 4 <= Math.min(size, file.length, 512); at += 4) {
    if (at !== 12) brands.push(String.fromCharCode(...file.subarray(at, at + 4))); // 12: a version
  }
  if (brands.some((brand) => brand === "avif" || brand === "avis")) return "avif";
  if (brands.some((brand) => HEIC_BRANDS.includes(brand))) return "heic";
  return brands[0] === "mif1" || brands[0] === "msf1" ? "avif" : undefined;
}

/** The name of a well-known kind of image that is not read, from the first bytes of a file. */
export function unreadFormat(file: Uint8Array): string | undefined {
  if (heifBrand(file) === "heic") return "HEIC";
  const text = String.fromCharCode(...file.subarray(0, 16));
  if (text.startsWith("\xff\x0a") || text.startsWith("\0\0\0\x0cJXL ")) return "JPEG XL";
  if (text.startsWith("\xff\x4f\xff\x51") || text.startsWith("\0\0\0\x0cjP  ")) return "JPEG 2000";
  if (text.startsWith("8BPS")) return "a Photoshop file";
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
