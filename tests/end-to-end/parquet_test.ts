import { deepEqual as equal, match } from "node:assert/strict";
import { join } from "node:path";
import { statuses, task, temporaryProject } from "./project.ts";

const FIXTURES = join(import.meta.dirname!, "../fixtures/parquet");

/** A project with parquet files by name in `set/`. */
async function projectWith(
  files: Readonly<Record<string, string>>,
  parameters: Record<string, unknown> = {},
  columns: Record<string, unknown> = {},
) {
  const preprocess = { dataset: { parquet: "set", ...columns }, image_size: 16, ...parameters };
  const project = await temporaryProject({ "a.yaml": JSON.stringify({ stages: { preprocess } }) });
  await Deno.mkdir(join(project.path, "set/data"), { recursive: true });
  for (const [name, from] of Object.entries(files)) {
    await Deno.copyFile(join(FIXTURES, from), join(project.path, "set", name));
  }
  const artifact = join(project.path, "outputs/a/preprocess");
  const read = (name: string) => JSON.parse(Deno.readTextFileSync(join(artifact, name)));
  return {
    ...project,
    run: (...args: string[]) => task("run", [join(project.path, "a.yaml"), ...args]),
    dataset: () => read("dataset.json"),
    /** Digest of every file of the artifact. */
    content: () => read("artifact.json").content,
  };
}

Deno.test("compression and row groups change nothing of what is published", async () => {
  const contents = new Set<string>();
  for (const name of ["plain", "brotli", "zstd"]) {
    await using project = await projectWith({ "data/train.parquet": `encodings/${name}.parquet` }, {
      validation: 0.2,
      test: 0.3,
      limit: { train: 7 },
    });
    const { code, stderr, stdout } = await project.run();
    equal(code, 0, stderr + stdout);
    contents.add(project.content());
  }
  equal(contents.size, 1);
});

Deno.test("a test split without labels is told, and a share takes its place", async () => {
  await using project = await projectWith({
    "data/train.parquet": "encodings/plain.parquet",
    "data/test.parquet": "odd/unlabelled.parquet",
  });
  const { code, stdout, stderr } = await project.run();
  equal(code, 0, stderr);
  match(stdout + stderr, /the test split of set has no labels: a share of the training images/);
  equal(project.dataset().sizes, { train: 10, validation: 1, test: 1 });
});

Deno.test("rows that are wrong end the run and are named, or are left out and listed", async () => {
  const files = {
    "data/train-00000-of-00002.parquet": "odd/wrong.parquet",
    "data/train-00001-of-00002.parquet": "encodings/plain.parquet",
    "beside.png": "odd/beside.png",
  };
  const file = "data/train-00000-of-00002.parquet";
  {
    await using project = await projectWith(files);
    const { code, stdout, stderr } = await project.run();
    equal(code, 1);
    equal(statuses(join(project.path, "outputs/a")).preprocess, "failed");
    match(
      stdout + stderr,
      /Cannot use 2 rows without a label in "label" .*: set\/data\/train-0\S+: row 6, set\/data\/train-0\S+: row 7\n.*on_bad_image: skip/,
    );
  }
  await using project = await projectWith(files, { on_bad_image: "skip", validation: 0, test: 0 });
  const { code, stdout, stderr } = await project.run();
  equal(code, 0, stdout + stderr);
  const { skipped, sizes } = project.dataset();
  equal(sizes.train, 16);
  const reasons = Object.fromEntries(
    skipped.images.map(({ path, reason }: { path: string; reason: string }) => [path, reason]),
  );
  equal(reasons, {
    [`${file}: row 6`]: "it has no label",
    [`${file}: row 7`]: "it has no label",
    [`${file}: row 2`]: 'it has no bytes, only the path "nowhere.png", which is no file here',
    [`${file}: row 4`]: "it does not begin as an image does",
    [`${file}: row 5`]: "it has no image",
  });
});
