import { messageOf } from "../../base/errors.ts";
import { decodeImage, UnreadableImage } from "../../data/decode.ts";
import type { Preprocessor } from "../../data/preprocessor.ts";
import { createTransform, type Transform } from "../../data/transform.ts";
import type { Size } from "../../data/resample.ts";
import type { FoundImage } from "./find_images.ts";

/** An image that is read, or why it can't be. */
export interface PreparedImage {
  readonly image: FoundImage;
  /** As the model sees it, before it is normalised: uint8 `[height, width, 3]`. */
  readonly pixels?: Uint8Array;
  /** Set for grey of 16 bits that is nearly white once clipped. */
  readonly clipped?: true;
  readonly problem?: ImageProblem;
}

/** Why an image can't be read. */
export interface ImageProblem {
  /** One sentence, with the path. */
  readonly sentence: string;
  /** Its end: what is wrong, without the path. */
  readonly reason: string;
}

/** Transforms kept; each has working memory as large as its images. */
const KEPT = 4;

/** Large photographs that are decoded at the same time. */
const AT_ONCE = Math.max(1, Math.min(4, navigator.hardwareConcurrency));

/** Reads images, and does to them what `preprocessor_config.json` says. */
export class Preparer {
  /** Of what the model gets. */
  readonly size: Size;
  readonly #preprocessor: Preprocessor;
  readonly #normalise: Transform;
  readonly #transforms = new Map<string, Transform>();

  /** @param size What the model takes; the preprocessor's own, where it has one. */
  constructor(preprocessor: Preprocessor, size: Size) {
    this.#preprocessor = preprocessor;
    this.size = size;
    const { rescaleFactor: rescale_factor, mean, std } = preprocessor;
    this.#normalise = createTransform({ from: size, resize: null, rescale_factor, mean, std });
  }

  /** Reads some images, a few at a time. Those that can't be read say why. */
  async read(images: readonly FoundImage[]): Promise<PreparedImage[]> {
    const prepared: PreparedImage[] = [];
    let next = 0;
    const work = async () => {
      while (next < images.length) {
        const at = next++;
        prepared[at] = await this.#readOne(images[at]);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    return prepared;
  }

  /**
   * @param pictures Uint8 `[height, width, 3]` each.
   * @returns Float32 `[n, height, width, 3]`, as the model gets them.
   */
  normalise(pictures: readonly Uint8Array[]): Float32Array {
    const length = this.size.height * this.size.width * 3;
    const pixels = new Float32Array(pictures.length * length);
    pictures.forEach((picture, i) =>
      this.#normalise.apply(picture, 1, pixels.subarray(i * length))
    );
    return pixels;
  }

  async #readOne(image: FoundImage): Promise<PreparedImage> {
    if (image.problem !== undefined) {
      const { reason, message } = new UnreadableImage(image.path, image.problem);
      return { image, problem: { reason, sentence: message } };
    }
    try {
      // People know the path that they typed.
      const { pixels, height, width, clipped } = await decodeImage(image.file, image.path);
      return { image, pixels: this.#transformFrom({ height, width }).resize(pixels), clipped };
    } catch (error) {
      const sentence = messageOf(error);
      const reason = error instanceof UnreadableImage ? error.reason : sentence;
      return { image, problem: { reason, sentence } };
    }
  }

  #transformFrom(from: Size): Transform {
    const key = `${from.height}x${from.width}`;
    const known = this.#transforms.get(key);
    if (known !== undefined) return known;
    if (this.#transforms.size >= KEPT) this.#transforms.clear();
    const { resize, resample, crop, rescaleFactor: rescale_factor, mean, std } = this.#preprocessor;
    const transform = createTransform({
      from,
      // Images of any size come out in the one that the model takes.
      resize: resize ? { ...resize, resample } : crop ? null : { ...this.size, resample },
      crop: crop ?? this.size,
      rescale_factor,
      mean,
      std,
    });
    this.#transforms.set(key, transform);
    return transform;
  }
}
