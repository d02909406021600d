import { join } from "node:path";
import { random } from "../../base/random.ts";
import { decodeImage } from "../../data/decode.ts";
import { MAX_PIXELS } from "../../data/pixel_limit.ts";
import { pick } from "./bytes.ts";
import { mutateImage } from "./images.ts";
import type { Damaged, Subject } from "./subject.ts";

const IMAGES = join(import.meta.dirname!, "../fixtures/images/files");

/** An image of any kind that an image folder may hold, damaged and decoded. */
export async function prepare(folder: string): Promise<Subject> {
  const names = Array.from(Deno.readDirSync(IMAGES), ({ name }) => name).sort();
  const images = await Promise.all(names.map((name) => Deno.readFile(join(IMAGES, name))));

  const put = async (content: Uint8Array, file: string): Promise<Damaged> => {
    const path = join(folder, file);
    await Deno.writeFile(path, content);
    return { file, content, names: [path], bytes: content.length, extra: 8 * webpPixels(content) };
  };

  return {
    whole: names.map((file, i) => ({ file, content: images[i] })),
    async write(seed) {
      const draw = random(seed, "damaged image");
      const index = draw.below(names.length);
      const content = mutateImage(images[index], draw, pick(draw, images));
      return await put(content, `damaged${names[index].slice(names[index].lastIndexOf("."))}`);
    },
    writeContent: put,
    async read({ file }) {
      const { height, width, pixels } = await decodeImage(join(folder, file));
      if (pixels.length !== height * width * 3 || pixels.length === 0) {
        throw new Error(`${pixels.length} bytes for ${height}x${width} pixels`);
      }
    },
  };
}

/**
 * Pixels that a WebP says it has, where so many are read. Of all the kinds it alone can rightly have
 * any number of pixels in a few bytes, and libwebp takes their memory before it reads them: what
 * bounds it is the most pixels that an image may have.
 */
function webpPixels(file: Uint8Array): number {
  if (String.fromCharCode(...file.subarray(8, 12)) !== "WEBP" || file.length < 30) return 0;
  const word = (at: number) => file[at] | file[at + 1] << 8;
  const chunk = String.fromCharCode(...file.subarray(12, 16));
  const [width, height] = chunk === "VP8X"
    ? [1 + word(24) + file[26] * 65536, 1 + word(27) + file[29] * 65536]
    : chunk === "VP8L"
    ? [1 + (word(21) & 0x3fff), 1 + ((file[22] >> 6 | file[23] << 2 | file[24] << 10) & 0x3fff)]
    : [word(26) & 0x3fff, word(28) & 0x3fff];
  return width * height <= MAX_PIXELS ? width * height : 0;
}
