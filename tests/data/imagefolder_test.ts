import { deepEqual, equal, rejects, throws } from "node:assert/strict";
import { dirname, join } from "node:path";
import { UserError } from "../../base/errors.ts";
import { openSafetensors } from "../../base/safetensors.ts";
import { BrokenImage, decodeImage, listImageFolder } from "../../data/imagefolder.ts";

const FIXTURES = new URL("../fixtures/", import.meta.url).pathname;
const IMAGES = join(FIXTURES, "data/images");

/** A folder with these empty files, gone at the end. */
async function folderOf(...files: string[]): Promise<{ path: string } & AsyncDisposable> {
  const path = await Deno.makeTempDir();
  for (const file of files) {
    await Deno.mkdir(dirname(join(path, file)), { recursive: true });
    await Deno.writeTextFile(join(path, file), "");
  }
  return { path, [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }) };
}

Deno.test("the golden folder has its splits, classes and images in order", () => {
  const folder = listImageFolder(join(FIXTURES, "golden/imagefolder"));
  deepEqual(folder.classes.slice(0, 3), ["airplane", "automobile", "bird"]);
  const { train, validation, test } = folder.splits;
  deepEqual([train.files.length, validation?.files.length, test?.files.length], [80, 30, 30]);
  equal(train.files[0], "train/airplane/00029.png");
  equal(train.files[79].startsWith("train/truck/"), true);
  deepEqual([...train.labels.slice(6, 10)], [0, 0, 1, 1]);
  equal(folder.files.length, 140);
  equal(folder.files[0], "test/airplane/00003.png");
});

Deno.test("a folder of classes is all train", async () => {
  await using folder = await folderOf("dog/a.png", "cat/b.JPG", "cat/a.jpeg");
  const { classes, splits } = listImageFolder(folder.path);
  deepEqual(classes, ["cat", "dog"]);
  deepEqual(splits.train.files, ["cat/a.jpeg", "cat/b.JPG", "dog/a.png"]);
  deepEqual([...splits.train.labels], [0, 0, 1]);
  deepEqual(Object.keys(splits), ["train"]);
});

Deno.test("val is validation", async () => {
  await using folder = await folderOf("train/a/1.png", "val/a/2.png");
  deepEqual(listImageFolder(folder.path).splits.validation?.files, ["val/a/2.png"]);
});

Deno.test("order is by code point, not by language or UTF-16", async () => {
  // U+FF5A comes before U+1F600, whose first UTF-16 unit is D83D.
  await using folder = await folderOf(
    ...["\u{1F600}", "\uFF5A", "é", "Z", "a"].map((name) => `${name}/${name}.png`),
  );
  deepEqual(listImageFolder(folder.path).classes, ["Z", "a", "é", "\uFF5A", "\u{1F600}"]);
});

Deno.test("hidden files and what is no image are left out", async () => {
  await using folder = await folderOf(
    "cat/a.png",
    "cat/.b.png",
    "cat/notes.txt",
    ".git/x/y.png",
    "README.md",
  );
  const { classes, files } = listImageFolder(folder.path);
  deepEqual([classes, files], [["cat"], ["cat/a.png"]]);
});

for (
  const [what, files, message] of [
    ["a folder without classes", ["a.png"], /^Cannot find any classes in .*: it has no folders/],
    ["an empty class", ["cat/a.png", "dog/a.txt"], /^Cannot find any images in .*dog$/],
    ["a class missing in test", [
      "train/cat/a.png",
      "train/dog/a.png",
      "test/cat/a.png",
    ], /class "dog" is in train and not in test$/],
    ["a class only in test", [
      "train/cat/a.png",
      "test/cat/a.png",
      "test/cta/a.png",
    ], /class "cta" is in test and not in train$/],
    ["splits beside something else", [
      "train/cat/a.png",
      "test/cat/a.png",
      "more/cat/a.png",
    ], /as a class: it has a folder, cat, in it$/],
    ["val beside validation", [
      "train/cat/a.png",
      "val/cat/a.png",
      "validation/cat/a.png",
    ], /has val and validation$/],
  ] as const
) {
  Deno.test(`${what} is refused`, async () => {
    await using folder = await folderOf(...files);
    throws(
      () => listImageFolder(folder.path),
      (error) => error instanceof UserError && message.test(error.message),
    );
  });
}

Deno.test("a folder that is not there and a link to nothing are refused with their path", async () => {
  await using folder = await folderOf("cat/a.png");
  throws(() => listImageFolder(join(folder.path, "x")), /x: there is no such folder/);
  await Deno.symlink(join(folder.path, "gone.png"), join(folder.path, "cat/b.png"));
  throws(() => listImageFolder(folder.path), /b\.png: it is a link to something/);
});

Deno.test("images in all formats are decoded as by Pillow, to the byte", async () => {
  using expected = await openSafetensors(join(FIXTURES, "data/images.safetensors"));
  equal(expected.names.length, 19);
  for (const name of expected.names) {
    const { height, width, pixels } = await decodeImage(join(IMAGES, name));
    deepEqual([height, width, 3], expected.info(name).shape, name);
    deepEqual(pixels, new Uint8Array(expected.read(name)), name);
  }
});

Deno.test("an image that is cut is refused with its path", async () => {
  await using folder = await folderOf();
  for (const name of ["rgb.png", "rgb.jpg", "progressive.jpeg", "lossy.webp", "rgb.bmp"]) {
    const whole = await Deno.readFile(join(IMAGES, name));
    const path = join(folder.path, name);
    await Deno.writeFile(path, whole.subarray(0, whole.length * 0.6));
    await rejects(
      decodeImage(path),
      (error) => error instanceof UserError && error.message.includes(`the image ${path}`),
      name,
    );
  }
});

Deno.test("a JPEG with something after its end is read", async () => {
  await using folder = await folderOf();
  const whole = await Deno.readFile(join(IMAGES, "rgb.jpg"));
  const path = join(folder.path, "more.jpg");
  await Deno.writeFile(path, Uint8Array.of(...whole, 1, 2, 3));
  const { pixels } = await decodeImage(path);
  deepEqual(pixels, (await decodeImage(join(IMAGES, "rgb.jpg"))).pixels);
});

Deno.test("what is no image, or not there, is refused with its path", async () => {
  await using folder = await folderOf("empty.png");
  await Deno.writeTextFile(join(folder.path, "text.png"), "hello, this is not an image");
  for (const name of ["empty.png", "text.png", "missing.png"]) {
    await rejects(
      decodeImage(join(folder.path, name)),
      (error) => error instanceof UserError && error.message.includes(name),
    );
  }
});

Deno.test("a file of more bytes than an image may have is a broken image, and is not read", async () => {
  await using folder = await folderOf("large.png");
  const path = join(folder.path, "large.png");
  await Deno.truncate(path, 2e9); // takes no room
  await rejects(
    decodeImage(path, "cat/large.png"),
    (error) => error instanceof BrokenImage && error.message.includes("cat/large.png: it has 2000"),
  );
});

Deno.test("pictures of kinds that are not read are counted by ending, in all splits", async () => {
  await using folder = await folderOf(
    ...["train/a/1.png", "train/a/1.HEIC", "train/a/.2.heic", "train/a/Thumbs.db"],
    ...["train/a/1.xml", "test/a/1.png", "test/a/3.heic", "test/a/3.cr2"],
  );
  deepEqual(listImageFolder(folder.path).leftOut, { ".cr2": 1, ".heic": 2 });
});

Deno.test("a class of nothing but HEIC is refused with what to do", async () => {
  await using folder = await folderOf("cat/1.heic", "cat/2.heic", "dog/1.png");
  throws(() => listImageFolder(folder.path), (error) => {
    equal(
      (error as Error).message.endsWith("cat: what is there is not read as images (2 .heic)"),
      true,
    );
    equal((error as UserError).hint, "Convert such files to JPEG or PNG");
    return true;
  });
});
