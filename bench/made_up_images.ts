import { join } from "node:path";
import { random } from "../base/random.ts";
import { encodePng } from "../figures/png.ts";

const CLASSES = ["disc", "stripe"];
const SIDE = 32;

/**
 * Writes a folder of made-up photographs, 32 x 32 pixels, of two classes:
 * `train/CLASS/00000.png` and, a fifth as many, `test/CLASS/…`.
 */
export async function writeImages(folder: string, train: number): Promise<void> {
  const draw = random(1, "bench images");
  for (const [split, count] of [["train", train], ["test", Math.ceil(train / 5)]] as const) {
    for (const name of CLASSES) await Deno.mkdir(join(folder, split, name), { recursive: true });
    for (let i = 0; i < count; i++) {
      const data = new Uint8Array(SIDE * SIDE * 3);
      const [size, hue] = [4 + draw.below(10), draw.below(3)];
      for (let at = 0; at < data.length; at++) {
        const [x, y] = [Math.floor(at / 3) % SIDE - SIDE / 2, Math.floor(at / 3 / SIDE) - SIDE / 2];
        const inside = i % 2 === 0 ? x * x + y * y < size * size : Math.abs(x + y) < size / 2;
        data[at] = (inside && at % 3 === hue ? 150 : 40) + draw.below(64);
      }
      const path = join(folder, split, CLASSES[i % 2], `${String(i).padStart(6, "0")}.png`);
      await Deno.writeFile(path, encodePng({ width: SIDE, height: SIDE, data }));
    }
  }
}
