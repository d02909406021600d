import { BrokenImage, type DecodedImage, decodeEncoded, decodeImage } from "./decode.ts";

/** Images that are decoded while one is being used: libvips works on threads of its own. */
const AHEAD = 3;

/** A file, and its path as errors name it. */
export interface ImageFile {
  readonly path: string;
  readonly shown: string;
}

/** An image file that lies inside another file, and what errors call it. */
export interface EnclosedImage {
  readonly shown: string;
  /** @throws {BrokenImage} if the file around it is damaged there. */
  bytes(): Promise<Uint8Array<ArrayBuffer>>;
}

/** Where an image is read from. */
export type ImageInput = ImageFile | EnclosedImage;

/** Decodes one, wherever it lies. @throws {BrokenImage} and others, as `decodeImage`. */
export async function decodeInput(input: ImageInput): Promise<DecodedImage> {
  return "path" in input
    ? await decodeImage(input.path, input.shown)
    : await decodeEncoded(await input.bytes(), input.shown);
}

/**
 * Decodes images in order, a few ahead of whoever takes them. A broken one comes as its error; any
 * other error ends it.
 */
export async function* decodeAhead(
  inputs: Iterable<ImageInput>,
): AsyncGenerator<DecodedImage | BrokenImage> {
  const started: Promise<DecodedImage | BrokenImage>[] = [];
  const next = inputs[Symbol.iterator]();
  for (let more = true; more || started.length > 0;) {
    while (more && started.length <= AHEAD) {
      const { value, done } = next.next();
      if (done) {
        more = false;
        break;
      }
      const image = decodeInput(value).catch((error) => {
        if (error instanceof BrokenImage) return error;
        throw error;
      });
      image.catch(() => {}); // whoever awaits it hears of it; nobody does once the taker has left
      started.push(image);
    }
    if (started.length > 0) yield await started.shift()!;
  }
}
