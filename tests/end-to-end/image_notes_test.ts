import { deepEqual, doesNotMatch, match, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { ROOT, statuses, task, temporaryProject } from "./project.ts";

const GOLDEN = join(ROOT, "tests/fixtures/golden/imagefolder");
const GREY16 = join(ROOT, "tests/fixtures/images/files/png-grey-16-bit.png");

const NONE = {
  test_in_train: 0,
  test_in_validation: 0,
  validation_in_train: 0,
  across_classes: 0,
};

/** The golden folder's images of two classes, as a project's `photos/{train,validation,test}`. */
async function projectWithPhotos() {
  const preprocess = { dataset: { imagefolder: "photos" }, image_size: 32 };
  const project = await temporaryProject({ "a.yaml": JSON.stringify({ stages: { preprocess } }) });
  const photo = (...path: string[]) => join(project.path, "photos", ...path);
  for (const split of ["train", "validation", "test"]) {
    for (const name of ["airplane", "bird"]) {
      await Deno.mkdir(photo(split, name), { recursive: true });
      for (const file of Deno.readDirSync(join(GOLDEN, split, name))) {
        await Deno.copyFile(join(GOLDEN, split, name, file.name), photo(split, name, file.name));
      }
    }
  }
  const artifact = join(project.path, "outputs/a/preprocess");
  return {
    ...project,
    photo,
    async run() {
      const { code, stdout, stderr } = await task("run", [join(project.path, "a.yaml")]);
      strictEqual(code, 0, stdout + stderr);
      return stdout + stderr;
    },
    status: () => statuses(join(project.path, "outputs/a")).preprocess,
    dataset: () => JSON.parse(Deno.readTextFileSync(join(artifact, "dataset.json"))),
    description: () => Deno.readTextFileSync(join(artifact, "description.md")),
  };
}

const firstIn = (folder: string) =>
  Array.from(Deno.readDirSync(folder), ({ name }) => name).sort()[0];

Deno.test("a sound folder has no duplicates, and says so", async () => {
  await using project = await projectWithPhotos();
  const said = await project.run();
  doesNotMatch(said, /pixel by pixel|left out|16-bit/);
  const { duplicates, left_out } = project.dataset();
  deepEqual([duplicates, left_out], [NONE, undefined]);
  match(project.description(), /No picture is in two splits, and none is a training image of two/);
});

Deno.test("pictures that are not read are counted, and others beside images are not", async () => {
  await using project = await projectWithPhotos();
  for (const name of ["1.heic", "2.HEIC", "3.psd", "notes.txt", "1.json", ".DS_Store"]) {
    await Deno.writeTextFile(project.photo("train/bird", name), "");
  }
  const said = await project.run();
  match(said, /left out 3 files that are not read as images: 2 \.heic and 1 \.psd\n/);
  strictEqual(said.match(/left out/g)?.length, 1);
  deepEqual(project.dataset().left_out, { ".heic": 2, ".psd": 1 });
  match(
    project.description(),
    /## Left out\n\n3 files of the folder are of kinds that are not read as images: 2 \.heic and 1 \.psd\./,
  );
  await project.run();
  strictEqual(project.status(), "fresh");
  await Deno.writeTextFile(project.photo("test/bird/4.heic"), "");
  match(await project.run(), /left out 4 files .*: 3 \.heic and 1 \.psd\n/);
  deepEqual([project.status(), project.dataset().left_out], ["ran", { ".heic": 3, ".psd": 1 }]);
});

Deno.test("the same picture in two splits or two classes is counted and named", async () => {
  await using project = await projectWithPhotos();
  const bird = firstIn(project.photo("train/bird"));
  const copy = (from: string, to: string) => Deno.copyFile(project.photo(from), project.photo(to));
  await copy(`train/bird/${bird}`, "test/bird/again.png");
  await copy(`train/bird/${bird}`, "train/airplane/again.png");
  const held = firstIn(project.photo("validation/bird"));
  await copy(`validation/bird/${held}`, "test/bird/held.png");
  await copy(`validation/bird/${held}`, "train/bird/held.png");
  const said = await project.run();
  match(
    said,
    /2 test images are training images too, pixel by pixel: photos\/test\/bird\/again\.png is photos\/train\/airplane\/again\.png/,
  );
  match(said, new RegExp(`photos/validation/bird/${held} is photos/train/bird/held\\.png`));
  match(
    said,
    /1 picture is a training image of more than one class: photos\/train\/airplane\/again/,
  );
  deepEqual(project.dataset().duplicates, {
    test_in_train: 2,
    test_in_validation: 1,
    validation_in_train: 1,
    across_classes: 1,
  });
  match(project.description(), /- 2 test images are training images too/);
});

Deno.test("16-bit grey that is mostly clipped is told once, with the first path", async () => {
  await using project = await projectWithPhotos();
  for (const name of ["0.png", "1.png"]) {
    await Deno.copyFile(GREY16, project.photo("test/bird", name));
  }
  const said = await project.run();
  match(
    said,
    /2 images are 16-bit grey and nearly white: .*; the first: photos\/test\/bird\/0\.png;/,
  );
  strictEqual(said.match(/16-bit grey/g)?.length, 1);
});
