import { deepEqual, doesNotMatch, match, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { ROOT, statuses, task, temporaryProject } from "./project.ts";

const GOLDEN = join(ROOT, "tests/fixtures/golden/imagefolder/train");
const CLASSES = ["airplane", "bird"];

/** A project with a folder of images without splits, of two classes, eight each, some broken. */
async function projectWith(
  broken: Readonly<Record<string, (image: Uint8Array) => Uint8Array>>,
  parameters: Record<string, unknown>,
) {
  const preprocess = { dataset: { imagefolder: "photos" }, image_size: 32, ...parameters };
  const project = await temporaryProject({ "a.yaml": JSON.stringify({ stages: { preprocess } }) });
  const names: string[] = [];
  for (const name of CLASSES) {
    await Deno.mkdir(join(project.path, "photos", name), { recursive: true });
    for (const file of [...Deno.readDirSync(join(GOLDEN, name))].map((e) => e.name).sort()) {
      names.push(`${name}/${file}`);
    }
  }
  for (const name of names) {
    const image = await Deno.readFile(join(GOLDEN, name));
    const change = broken[name] ?? ((bytes: Uint8Array) => bytes);
    await Deno.writeFile(join(project.path, "photos", name), change(image));
  }
  const run = (...args: string[]) => task("run", [join(project.path, "a.yaml"), ...args]);
  const artifact = join(project.path, "outputs/a/preprocess");
  return {
    ...project,
    run,
    artifact,
    dataset: () => JSON.parse(Deno.readTextFileSync(join(artifact, "dataset.json"))),
  };
}

const first = (name: string, i: number) =>
  `${name}/${[...Deno.readDirSync(join(GOLDEN, name))].map((entry) => entry.name).sort()[i]}`;
const CUT = first("airplane", 2);
const TEXT = first("bird", 5);
const cut = (image: Uint8Array) => image.subarray(0, image.length * 0.7);
const text = () => new TextEncoder().encode("not an image");

Deno.test("a broken image ends the run and is named as the user would write it", async () => {
  await using project = await projectWith({ [CUT]: cut, [TEXT]: text }, {});
  const { code, stdout, stderr } = await project.run();
  strictEqual(code, 1);
  strictEqual(statuses(join(project.path, "outputs/a")).preprocess, "failed");
  const said = stdout + stderr;
  match(said, /Cannot read 2 images: photos\/airplane\/\d+\.png \(the PNG is cut or damaged\)/);
  match(said, new RegExp(`photos/${TEXT} \\(it does not begin as an image does\\)`));
  match(said, /on_bad_image: skip/);
  doesNotMatch(said, /\n +at /);
});

Deno.test("broken images that are skipped are listed, and all else is as if they were not there", async () => {
  const parameters = { on_bad_image: "skip", test: 0.25, validation: 0.2, limit: { train: 9 } };
  await using project = await projectWith({ [CUT]: cut, [TEXT]: text }, parameters);
  const { code, stdout, stderr } = await project.run();
  strictEqual(code, 0, stdout + stderr);
  const said = stdout + stderr;
  match(said, /left out 2 of 16 images/);
  const { skipped, ...rest } = project.dataset();
  deepEqual(skipped, {
    count: 2,
    images: [
      { path: CUT, reason: "the PNG is cut or damaged" },
      { path: TEXT, reason: "it does not begin as an image does" },
    ],
  });
  const description = Deno.readTextFileSync(join(project.artifact, "description.md"));
  match(description, new RegExp(`## Left out\\n\\n2 images .*\\n\\n- \`${CUT}\`: the PNG is cut`));
  // 14 good images: 0.25 of them, 3.5, is 4 for the test; 9 of the other 10, 1.8 of them validate.
  deepEqual(rest.sizes, { train: 7, validation: 2, test: 4 });

  const files = ["pool.safetensors", "test.safetensors", "splits.safetensors"];
  const bytes = () => files.map((name) => Deno.readFileSync(join(project.artifact, name)));
  const before = bytes();
  const again = await project.run();
  strictEqual(again.code, 0);
  strictEqual(statuses(join(project.path, "outputs/a")).preprocess, "fresh");

  for (const name of [CUT, TEXT]) await Deno.remove(join(project.path, "photos", name));
  const without = await project.run();
  strictEqual(without.code, 0, without.stdout + without.stderr);
  strictEqual(statuses(join(project.path, "outputs/a")).preprocess, "ran");
  deepEqual(project.dataset(), rest);
  deepEqual(bytes(), before);
});

Deno.test("a class with nothing but broken images is an error even where they are skipped", async () => {
  const all = Object.fromEntries(
    [...Deno.readDirSync(join(GOLDEN, "bird"))].map(({ name }) => [`bird/${name}`, text]),
  );
  await using project = await projectWith(all, { on_bad_image: "skip" });
  const { code, stdout, stderr } = await project.run();
  strictEqual(code, 1);
  match(stdout + stderr, /Cannot use photos: no train image of class "bird" can be read/);
});

Deno.test("images of a data set that has no files cannot be skipped", async () => {
  const stages = { preprocess: { on_bad_image: "skip", image_size: 32 } };
  await using project = await temporaryProject({ "a.yaml": JSON.stringify({ stages }) });
  const { code, stderr } = await task("validate", [join(project.path, "a.yaml")]);
  strictEqual(code, 2);
  match(stderr, /Cannot use "skip" for "on_bad_image": cifar10 has no image files/);
});
