import { deepEqual, equal, throws } from "node:assert/strict";
import { Buffer } from "node:buffer";
import sharp from "sharp";
import { dataUrl, enlarge, stretched } from "../../figures/picture.ts";
import { encodePng } from "../../figures/png.ts";

Deno.test("a PNG that another library decodes has the same pixels", async () => {
  const [width, height] = [13, 7];
  const patterns = {
    flat: () => 200,
    ramp: (i: number) => i % 256,
    noise: (i: number) => (i * i * 31 + i * 17) % 251,
    columns: (i: number) => (i % (width * 3)) * 6,
  };
  for (const [name, pattern] of Object.entries(patterns)) {
    const data = Uint8Array.from({ length: width * height * 3 }, (_, i) => pattern(i));
    const { data: decoded, info } = await sharp(encodePng({ width, height, data }))
      .raw().toBuffer({ resolveWithObject: true });
    deepEqual([info.width, info.height, info.channels], [width, height, 3], name);
    deepEqual(new Uint8Array(decoded), data, name);
  }
});

Deno.test("data of another length than height x width x 3 is refused", () => {
  throws(() => encodePng({ width: 2, height: 2, data: new Uint8Array(11) }), {
    name: "RangeError",
    message: "Cannot write 11 bytes as 2 x 2 RGB pixels: that takes 12",
  });
});

Deno.test("enlarging repeats each pixel and mixes none", () => {
  const red = [255, 0, 0];
  const blue = [0, 0, 255];
  const large = enlarge({ width: 2, height: 1, data: Uint8Array.of(...red, ...blue) }, 2);
  const row = [...red, ...red, ...blue, ...blue];
  deepEqual(large, { width: 4, height: 2, data: Uint8Array.of(...row, ...row) });
});

Deno.test("a data URL is at least as wide as asked for, by a whole factor", async () => {
  const picture = { width: 3, height: 2, data: new Uint8Array(18) };
  const png = Buffer.from(dataUrl(picture, 10).split(",")[1], "base64");
  const { width, height } = await sharp(png).metadata();
  deepEqual([width, height], [12, 8]); // a factor of 4, the first that makes 3 at least 10
});

Deno.test("stretching puts the smallest number at 0 and the largest at 255", () => {
  deepEqual([...stretched([-1, 0, 1, 0, 0, 3], 2, 1).data], [0, 64, 128, 64, 64, 255]);
  equal(stretched([5, 5, 5], 1, 1).data.every((value) => value === 0), true);
});
