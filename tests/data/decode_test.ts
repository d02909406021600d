import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import { join } from "node:path";
import { UserError } from "../../base/errors.ts";
import { openSafetensors } from "../../base/safetensors.ts";
import { BrokenImage, decodeImage } from "../../data/decode.ts";

const IMAGES = join(import.meta.dirname!, "../fixtures/images");
const FILES = join(IMAGES, "files");

/** What Pillow reads in each file; see make_images.py. */
const expected = new Map<string, { shape: readonly number[]; pixels: Uint8Array }>();
{
  using file = await openSafetensors(join(IMAGES, "expected.safetensors"));
  for (const name of file.names) {
    expected.set(name, { shape: file.info(name).shape, pixels: file.read(name) });
  }
}

Deno.test("every fixture has its expectation", () => {
  deepEqual([...expected.keys()].sort(), [...Deno.readDirSync(FILES)].map((e) => e.name).sort());
});

for (const [name, { shape, pixels }] of [...expected].sort()) {
  if (name.endsWith(".avif")) continue;
  Deno.test(`${name} is decoded as by Pillow, to the byte`, async () => {
    const image = await decodeImage(join(FILES, name));
    deepEqual([image.height, image.width, 3], shape);
    deepEqual(new Uint8Array(image.pixels), new Uint8Array(pixels));
  });
}

/** Largest differences from Pillow, measured once: its libavif smooths the colours of 4:2:0. */
const AVIF = { "avif-lossless.avif": 1, "avif-lossy.avif": 64, "avif-alpha.avif": 34 };

for (const [name, most] of Object.entries(AVIF)) {
  Deno.test(`${name} differs from Pillow by ${most} at most`, async () => {
    const { shape, pixels } = expected.get(name)!;
    const image = await decodeImage(join(FILES, name));
    deepEqual([image.height, image.width, 3], shape);
    const difference = Math.max(...image.pixels.map((value, i) => Math.abs(value - pixels[i])));
    ok(difference <= most, String(difference));
  });
}

/** Runs `use` with the path of a file with these bytes. */
async function withFile(bytes: Uint8Array, name: string, use: (path: string) => Promise<void>) {
  const folder = await Deno.makeTempDir();
  try {
    const path = join(folder, name);
    await Deno.writeFile(path, bytes);
    await use(path);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const WHOLE = [
  "jpeg-420-33x25.jpg",
  "jpeg-progressive-420.jpg",
  "jpeg-cmyk-adobe.jpg",
  "jpeg-grey.jpg",
  "png-rgb.png",
  "png-rgb-8-bit-interlaced.png",
  "png-grey-16-bit.png",
  "png-palette-4.png",
  "webp-lossy.webp",
  "webp-lossless.webp",
  "gif-palette.gif",
  "gif-small-frame.gif",
  "bmp-24.bmp",
  "bmp-palette.bmp",
  "bmp-8-bit-rle.bmp",
  "tiff-raw.tif",
  "tiff-tiff-lzw.tif",
  "avif-lossy.avif",
];

for (const name of WHOLE) {
  Deno.test(`${name} is refused by name wherever it is cut`, async () => {
    const whole = await Deno.readFile(join(FILES, name));
    // The ends of some formats hold nothing that a picture needs.
    for (const share of [0, 0.02, 0.1, 0.3, 0.5, 0.7, 0.85]) {
      await withFile(whole.subarray(0, Math.floor(whole.length * share)), name, async (path) => {
        await rejects(decodeImage(path, `shown/${name}`), (error) => {
          ok(error instanceof BrokenImage, String(error));
          ok(error.message.startsWith(`Cannot read the image shown/${name}: `), error.message);
          ok(error.message.length < 200 && !error.message.includes("\n"), error.message);
          return true;
        }, `cut at ${share}`);
      });
    }
  });
}

/** A picture of 1 x 1 whose header says something else. */
async function forged(name: string, change: (bytes: Uint8Array, view: DataView) => void) {
  const bytes = await Deno.readFile(join(FILES, name));
  change(bytes, new DataView(bytes.buffer));
  return bytes;
}

/** Where height and width stand in a JPEG's frame header. */
function frameOf(bytes: Uint8Array): number {
  for (let at = 2;; at += 2 + (bytes[at + 2] << 8 | bytes[at + 3])) {
    if ([0xc0, 0xc1, 0xc2].includes(bytes[at + 1])) return at + 5;
  }
}

const BOMBS: Record<string, (bytes: Uint8Array, view: DataView) => void> = {
  "png-1x1.png": (_, view) => (view.setUint32(16, 60_000), view.setUint32(20, 60_000)),
  "jpeg-444-1x1.jpg": (bytes, view) => view.setUint32(frameOf(bytes), 60_000 << 16 | 60_000),
  "jpeg-progressive-420.jpg": (bytes, view) =>
    view.setUint32(frameOf(bytes), 60_000 << 16 | 60_000),
  "gif-palette.gif": (_, view) => view.setUint32(6, 60_000 << 16 | 60_000, true),
  "bmp-24.bmp": (_, view) => (view.setInt32(18, 60_000, true), view.setInt32(22, 60_000, true)),
  "bmp-8-bit-rle.bmp": (_, view) => (view.setInt32(18, 6e4, true), view.setInt32(22, -6e4, true)),
};

for (const [name, change] of Object.entries(BOMBS)) {
  Deno.test(`${name} that says it has 60000 x 60000 pixels is refused before memory is taken`, async () => {
    await withFile(await forged(name, change), name, async (path) => {
      const before = Deno.memoryUsage().rss;
      await rejects(decodeImage(path), /Cannot read the image .*60000x60000 pixels.*178956970/);
      ok(Deno.memoryUsage().rss - before < 100e6);
    });
  });
}

Deno.test("a header of 13000 x 13000 over a few bytes is refused before memory is taken", async () => {
  const within: typeof BOMBS = {
    "png-1x1.png": (_, view) => (view.setUint32(16, 13_000), view.setUint32(20, 13_000)),
    "jpeg-progressive-420.jpg": (bytes, view) =>
      view.setUint32(frameOf(bytes), 13_000 << 16 | 13_000),
    "bmp-24.bmp": (_, view) => (view.setInt32(18, 13_000, true), view.setInt32(22, 13_000, true)),
  };
  for (const [name, change] of Object.entries(within)) {
    await withFile(await forged(name, change), name, async (path) => {
      const before = Deno.memoryUsage().rss;
      await rejects(decodeImage(path), /Cannot read the image .* is cut$/, name);
      ok(Deno.memoryUsage().rss - before < 100e6, name);
    });
  }
});

Deno.test("what is no image is not an image whatever its name is", async () => {
  const texts = {
    "": /the file is empty/,
    "hello, this is not an image": /it does not begin as an image does/,
    '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>': /does not begin as an image/,
    "%PDF-1.7": /does not begin as an image/,
  };
  for (const [text, message] of Object.entries(texts)) {
    await withFile(new TextEncoder().encode(text), "image.png", async (path) => {
      await rejects(decodeImage(path), message);
    });
  }
});

Deno.test("a file that is not there is an error, not a broken image", async () => {
  await rejects(decodeImage(join(FILES, "gone.png"), "pets/gone.png"), (error) => {
    ok(error instanceof UserError && !(error instanceof BrokenImage));
    equal(error.message, "Cannot read pets/gone.png: there is no such file");
    return true;
  });
});

Deno.test("what is said of a broken image depends on its bytes alone, however many are read at once", async () => {
  const cuts: Record<string, string> = {
    "jpeg-420-33x25.jpg": "the JPEG is cut or damaged",
    "png-rgb.png": "the PNG is cut or damaged",
    "webp-lossy.webp": "the WebP is cut or damaged",
    "tiff-tiff-lzw.tif": "the TIFF is cut, damaged or of a kind that is not read",
    "avif-lossy.avif": "the AVIF is cut, damaged or of a kind that is not read",
  };
  const folder = await Deno.makeTempDir();
  try {
    for (const name of Object.keys(cuts)) {
      const whole = await Deno.readFile(join(FILES, name));
      await Deno.writeFile(join(folder, name), whole.subarray(0, Math.floor(whole.length * 0.6)));
    }
    const names = Array.from({ length: 80 }, () => Object.keys(cuts)).flat();
    const reasons = await Promise.all(names.map(async (name) => {
      const error = await decodeImage(join(folder, name)).catch((error) => error);
      return error instanceof BrokenImage ? error.reason : String(error);
    }));
    deepEqual(reasons, names.map((name) => cuts[name]));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

/** The first box of a HEIF file (ISO 14496-12): size, `ftyp`, major brand, version, more brands. */
function firstBox(major: string, ...compatible: string[]): Uint8Array {
  const text = `ftyp${major}\0\0\0\0${compatible.join("")}`;
  return new Uint8Array([
    ...[0, 0, 0, text.length + 4],
    ...new TextEncoder().encode(text),
    ...new Uint8Array(64),
  ]);
}

Deno.test("HEIC is told from AVIF by its brands, and what else is not read is named", async () => {
  const bytes = (text: string) => Uint8Array.from(text, (letter) => letter.charCodeAt(0));
  const cases: [file: Uint8Array, reason: string][] = [
    [firstBox("heic", "mif1", "heic"), "HEIC is not read; convert it to JPEG or PNG"],
    [firstBox("mif1", "mif1", "heic"), "HEIC is not read; convert it to JPEG or PNG"],
    [firstBox("mif1", "avif"), "the AVIF is cut, damaged or of a kind that is not read"],
    [firstBox("avif", "mif1", "miaf"), "the AVIF is cut, damaged or of a kind that is not read"],
    [firstBox("isom", "mp41"), "it does not begin as an image does"],
    [bytes("\xff\x0a0000"), "JPEG XL is not read; convert it to JPEG or PNG"],
    [bytes("\0\0\0\x0cjP  \r\n\x87\n"), "JPEG 2000 is not read; convert it to JPEG or PNG"],
    [bytes("8BPS\0\x01"), "a Photoshop file is not read; convert it to JPEG or PNG"],
  ];
  for (const [file, reason] of cases) {
    await withFile(file, "1.heic", async (path) => {
      await rejects(decodeImage(path, "1.heic"), {
        message: `Cannot read the image 1.heic: ${reason}`,
      });
    });
  }
});

Deno.test("a WebP that says it has more pixels than are read is refused by its numbers", async () => {
  // VP8 frames have 14 bits a side: 16383 x 16383 is more than 178,956,970.
  const change = (_: Uint8Array, view: DataView) => view.setUint32(26, 0x3fff << 16 | 0x3fff, true);
  await withFile(await forged("webp-lossy.webp", change), "1.webp", async (path) => {
    await rejects(decodeImage(path), /says that it has 16383x16383 pixels/);
  });
});
