import { deepStrictEqual as equal, match, strictEqual, throws } from "node:assert/strict";
import { join, resolve } from "node:path";
import { Paint } from "../../commands/display/format.ts";
import { findImages } from "../../commands/predict/find_images.ts";
import { best, CSV, JSON_LINES, readable } from "../../commands/predict/format.ts";
import { mark, sourceOf } from "../../commands/predict/mark.ts";
import { openPictures } from "../../commands/predict/pictures.ts";
import { encodePng } from "../../figures/png.ts";
import { CommandProject, runJson } from "./project.ts";

const MODEL = resolve(import.meta.dirname!, "../fixtures/golden/vit");

Deno.test("a folder's images come in the order of their paths, with what is named and missing", async () => {
  await using project = await CommandProject.create({
    "photos/b.JPG": "",
    "photos/a/2.png": "",
    "photos/a/1.png": "",
    "photos/a-b.png": "",
    "photos/a.png": "",
    "photos/notes.txt": "",
    "photos/.hidden.png": "",
    "photos/.hidden/c.png": "",
    "photos/ä.webp": "",
    "one.dat": "",
  });
  const typed = (name: string) => join(project.path, name);
  Deno.symlinkSync("nowhere", typed("photos/z.png"));
  Deno.symlinkSync("..", typed("photos/a/round")); // has no end if it is followed
  const found = [...findImages([typed("one.dat"), typed("photos"), typed("two.png")])];
  equal(found.map(({ path, problem }) => [path.slice(project.path.length + 1), problem]), [
    ["one.dat", undefined],
    ["photos/a-b.png", undefined], // "-" comes before ".", and "." before "/"
    ["photos/a.png", undefined],
    ["photos/a/1.png", undefined],
    ["photos/a/2.png", undefined],
    ["photos/b.JPG", undefined],
    ["photos/z.png", "there is no such file or folder"],
    ["photos/ä.webp", undefined],
    ["two.png", "there is no such file or folder"],
  ]);
  equal(found.slice(3, 5).map(({ name }) => name), ["a/1.png", "a/2.png"]);
  equal([...findImages([typed("photos")], typed("photos/a"))].length, 5);
});

Deno.test("the likeliest classes come first, as many as there are, the first of equal ones first", () => {
  const shares = Float64Array.of(0.125, 0.5, 0.125, 0.25);
  equal(best(shares, ["a", "b", "c", "d"], 2), [
    { label: "b", probability: 0.5 },
    { label: "d", probability: 0.25 },
  ]);
  equal(best(shares, ["a", "b", "c", "d"], 9).map(({ label }) => label), ["b", "d", "a", "c"]);
});

Deno.test("CSV quotes what has commas, quotes or line breaks, and JSON is a line", () => {
  const predictions = [
    { label: "cat, tabby", probability: 0.75 },
    { label: 'the "big" one', probability: 0.25 },
  ];
  strictEqual(
    CSV.head + CSV.image("a\nb.png", predictions),
    'path,rank,label,probability\n"a\nb.png",1,"cat, tabby",0.75\n"a\nb.png",2,"the ""big"" one",0.25\n',
  );
  strictEqual(
    JSON_LINES.image("a\nb.png", predictions.slice(0, 1)) + JSON_LINES.failure("c.png", "cut"),
    '{"path":"a\\nb.png","predictions":[{"label":"cat, tabby","probability":0.75}]}\n' +
      '{"path":"c.png","error":"cut"}\n',
  );
});

Deno.test("for people shares stand in a column, and a terminal obeys no name", () => {
  const text = readable(new Paint(false)).image("a\x1b[31m.png", [
    { label: "cat", probability: 1 },
    { label: "dog", probability: 0.00123 },
  ]);
  strictEqual(text, "a\ufffd[31m.png\n  100.0%  cat\n    0.1%  dog\n");
});

Deno.test("a picture says what it was drawn of and stays a PNG", async () => {
  const { default: sharp } = await import("sharp");
  const png = encodePng({ width: 2, height: 1, data: Uint8Array.of(1, 2, 3, 4, 5, 6) });
  const path = await Deno.makeTempFile({ suffix: ".png" });
  try {
    await Deno.writeFile(path, mark(png, "photos/ä.jpg"));
    strictEqual(sourceOf(path), "photos/ä.jpg");
    equal([...await sharp(path).raw().toBuffer()], [1, 2, 3, 4, 5, 6]);
    await Deno.writeFile(path, png);
    strictEqual(sourceOf(path), undefined);
    await Deno.writeTextFile(path, "no picture");
    strictEqual(sourceOf(path), undefined);
  } finally {
    await Deno.remove(path);
  }
});

Deno.test("pictures do not go among the images that are read", async () => {
  await using project = await CommandProject.create({ "photos/a.png": "" });
  const photos = join(project.path, "photos");
  throws(() => openPictures(join(photos, ".."), [photos, project.path]), /those that are read/);
  strictEqual(openPictures(join(photos, "seen"), [photos]), join(photos, "seen"));
});

/** What is wrong with a command line: files, arguments, and what it says. */
const REFUSED: Record<string, [Record<string, string>, string[], RegExp]> = {
  "a run that is misspelt": [
    { "outputs/pets/run.json": runJson("pets", {}) },
    ["pest", "photos"],
    /^Cannot find a run "pest" in .*outputs: did you mean "pets"\?\n/,
  ],
  "a folder without a model": [
    { "things/a.txt": "" },
    ["things", "photos"],
    /^Cannot find a model in .*things: it has neither config.json nor run.json\n/,
  ],
  "a run whose training failed": [
    {
      "outputs/pets/run.json": runJson("pets", { "load-pretrained": "ran", train: "failed" }),
      "outputs/pets/load-pretrained/model/config.json": "{}",
    },
    ["pets", "photos"],
    /^Cannot predict with the run "pets": its stage "train" is failed\n/,
  ],
  "a run without a model": [
    { "outputs/pets/run.json": runJson("pets", { preprocess: "ran" }) },
    ["outputs/pets/", "photos"],
    /^Cannot predict with the run "pets": none of its stages has a model\n/,
  ],
  "a sweep": [
    {
      "outputs/pets/sweep.json": JSON.stringify({
        metric: "validation_accuracy",
        points: [{ name: "p1", parameters: {}, status: "ran", validation_accuracy: 0.5 }],
        best: "p1",
      }),
    },
    ["pets", "photos"],
    /^Cannot predict with "pets": it is a sweep.*\nName one of them: pets\/p1\n$/,
  ],
  "no images": [
    { "photos/a.txt": "" },
    [MODEL, "photos"],
    /^Cannot find any images in "photos"\n/,
  ],
  "two forms at once": [{}, [MODEL, "photos", "--json", "--csv"], /^Cannot print JSON and CSV/],
  "no images named": [{}, [MODEL], /^Cannot run "predict" without/],
  "no classes asked for": [{}, [MODEL, "photos", "--top", "0"], /from 1 to 1000000/],
  "a model without a head": [{}, [`${MODEL}-backbone`, "photos"], /it has no head for classes\n/],
};

for (const [name, [files, args, says]] of Object.entries(REFUSED)) {
  Deno.test(`predict refuses ${name}`, async () => {
    await using project = await CommandProject.create(files);
    const { code, stdout, stderr } = await project.command("predict", ...args);
    match(stderr, says);
    equal([code, stdout], [2, ""]);
  });
}
