import { join } from "node:path";
import { random } from "../../base/random.ts";
import { decodeImage } from "../../data/imagefolder.ts";
import { pick } from "./bytes.ts";
import { mutateImage } from "./images.ts";
import type { Damaged, Subject } from "./subject.ts";

const IMAGES = join(import.meta.dirname!, "../fixtures/data/images");

/** An image of any kind that an image folder may hold, damaged and decoded. */
export async function prepare(folder: string): Promise<Subject> {
  const names = Array.from(Deno.readDirSync(IMAGES), ({ name }) => name).sort();
  const images = await Promise.all(names.map((name) => Deno.readFile(join(IMAGES, name))));

  const put = async (content: Uint8Array, file: string): Promise<Damaged> => {
    const path = join(folder, file);
    await Deno.writeFile(path, content);
    return { file, content, names: [path], bytes: content.length };
  };

  return {
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
