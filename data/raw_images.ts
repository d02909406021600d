import type { Size } from "./resample.ts";

/** Images of one size that are read a few at a time. */
export interface ImageSource extends Disposable {
  /** Number of images. */
  readonly count: number;
  readonly height: number;
  readonly width: number;
  /** Class index of each image, `[count]`. */
  readonly labels: Int32Array;
  /**
   * Reads images `first` to `first + n - 1`.
   * @param into Filled from its start, at least `n * height * width * 3` bytes; made where missing.
   * @returns The part that was filled: RGB, uint8, `[n, height, width, 3]`.
   * @throws {RangeError} if they are not all there.
   */
  read(first: number, n: number, into?: Uint8Array): Uint8Array;
}

/** Opens a file of uint8 images `[n, height, width, 3]` and one of uint8 labels `[n]`, no header. */
export async function openRawImages(
  imagesPath: string,
  labelsPath: string,
  size: Size,
): Promise<ImageSource> {
  const labels = Int32Array.from(await Deno.readFile(labelsPath));
  const file = await Deno.open(imagesPath);
  const imageBytes = size.height * size.width * 3;
  return {
    count: labels.length,
    height: size.height,
    width: size.width,
    labels,
    read(first, n, into = new Uint8Array(n * imageBytes)) {
      if (!(first >= 0 && n >= 0 && first + n <= labels.length)) {
        throw new RangeError(
          `Cannot read images ${first} to ${first + n - 1}: there are ${labels.length}`,
        );
      }
      const target = into.subarray(0, n * imageBytes);
      file.seekSync(first * imageBytes, Deno.SeekMode.Start);
      for (let done = 0; done < target.length;) {
        const read = file.readSync(target.subarray(done));
        if (read === null) throw new RangeError(`Cannot read ${imagesPath}: it ends too early`);
        done += read;
      }
      return target;
    },
    [Symbol.dispose]() {
      file.close();
    },
  };
}
