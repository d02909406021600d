import type { Random } from "../base/random.ts";
import type { Size } from "./resample.ts";

/** Right, left, down, up: across and down an image. */
export const DIRECTIONS = [[1, 0], [-1, 0], [0, 1], [0, -1]] as const;

/**
 * Moves an image by whole pixels. What comes in at its edge is that edge's row or column, again and
 * again; what goes out is lost.
 *
 * @param image `[height, width, channels]`.
 * @param across Pixels to the right, or to the left where negative.
 * @param down Pixels downwards, or upwards where negative.
 */
export function shift(
  image: Float32Array,
  { height, width }: Size,
  across: number,
  down: number,
): Float32Array {
  const channels = image.length / (height * width);
  const moved = new Float32Array(image.length);
  for (let y = 0; y < height; y++) {
    const fromY = Math.min(height - 1, Math.max(0, y - down));
    for (let x = 0; x < width; x++) {
      const fromX = Math.min(width - 1, Math.max(0, x - across));
      const at = (fromY * width + fromX) * channels;
      moved.set(image.subarray(at, at + channels), (y * width + x) * channels);
    }
  }
  return moved;
}

/**
 * Cuts an image into square patches and puts them together again in random order.
 *
 * @param image `[height, width, channels]`.
 * @param side Of a patch, pixels.
 * @throws {RangeError} if patches of this side do not fill the image.
 */
export function shufflePatches(
  image: Float32Array,
  { height, width }: Size,
  side: number,
  generator: Random,
): Float32Array {
  if (height % side !== 0 || width % side !== 0) {
    throw new RangeError(
      `Cannot cut ${height}x${width} pixels into patches of ${side}: it must divide both sides`,
    );
  }
  const rowLength = image.length / height;
  const patchRow = rowLength / width * side;
  const across = width / side;
  const start = (patch: number) =>
    Math.floor(patch / across) * side * rowLength + (patch % across) * patchRow;
  const order = generator.shuffle(
    Uint32Array.from({ length: across * (height / side) }, (_, patch) => patch),
  );
  const shuffled = new Float32Array(image.length);
  order.forEach((from, to) => {
    for (let row = 0; row < side; row++) {
      const at = start(from) + row * rowLength;
      shuffled.set(image.subarray(at, at + patchRow), start(to) + row * rowLength);
    }
  });
  return shuffled;
}
