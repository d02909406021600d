import { BrokenImage, type DecodedImage, decodeImage } from "./decode.ts";

/** Images that are decoded while one is being used: libvips works on threads of its own. */
const AHEAD = 3;

/** A file, and its path as errors name it. */
export interface ImageFile {
  readonly path: string;
  readonly shown: string;
}

/**
 * Decodes files in order, a few ahead of whoever takes them. A broken one comes as its error; any
 * other error ends it.
 */
export async function* decodeAhead(
  files: readonly ImageFile[],
): AsyncGenerator<DecodedImage | BrokenImage> {
  const started: Promise<DecodedImage | BrokenImage>[] = [];
  for (let next = 0; next < files.length || started.length > 0;) {
    while (next < files.length && started.length <= AHEAD) {
      const { path, shown } = files[next++];
      const image = decodeImage(path, shown).catch((error) => {
        if (error instanceof BrokenImage) return error;
        throw error;
      });
      image.catch(() => {}); // whoever awaits it hears of it; nobody does once the taker has left
      started.push(image);
    }
    yield await started.shift()!;
  }
}
