import { deepStrictEqual as equal, match, ok, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { openSafetensors } from "../../base/safetensors.ts";
import { listImageFolder } from "../../data/imagefolder_list.ts";
import { CommandProject } from "../commands/project.ts";
import { ROOT, startTask, task, temporaryProject } from "./project.ts";

const GOLDEN = join(ROOT, "tests/fixtures/golden");
const TEST_IMAGES = join(GOLDEN, "imagefolder/test");

/** Probabilities are float32's, added up in another order where images come in other batches. */
const SHARE = 1e-6;

/** A run of the tiny model: two epochs on 80 images, all of it trained. */
const CONFIG = JSON.stringify({
  name: "pets",
  stages: {
    preprocess: { dataset: { imagefolder: join(GOLDEN, "imagefolder") } },
    "load-pretrained": { model: join(GOLDEN, "vit"), head: "reinit" },
    train: { epochs: 2, optimizer: { learning_rate: 0.005 } },
    evaluate: {},
  },
});

interface Line {
  readonly path: string;
  readonly predictions: { readonly label: string; readonly probability: number }[];
  readonly error?: string;
}

const lines = (stdout: string): Line[] =>
  stdout.trimEnd().split("\n").map((line) => JSON.parse(line));

Deno.test("predict gives the probabilities that evaluate's logits have", async (t) => {
  await using project = await CommandProject.create({ "pets.yaml": CONFIG });
  const ended = await project.command("run", "pets.yaml");
  strictEqual(ended.code, 0, ended.stderr);
  const run = join(project.path, "outputs/pets");
  using published = await openSafetensors(join(run, "evaluate/predictions.safetensors"));
  const logits = published.float32("logits");
  const files = listImageFolder(join(GOLDEN, "imagefolder")).splits.test!.files
    .map((file) => join(GOLDEN, "imagefolder", file));
  const classes = listImageFolder(join(GOLDEN, "imagefolder")).classes;
  strictEqual(logits.length, 30 * 10);
  const expected = files.map((_, i) => softmax(logits.subarray(i * 10, i * 10 + 10)));

  const check = (found: Line[]) => {
    equal(found.map(({ path }) => path), files);
    found.forEach(({ predictions }, i) => {
      strictEqual(predictions.length, 10);
      predictions.forEach(({ label, probability }, rank) => {
        const wanted = expected[i][classes.indexOf(label)];
        ok(Math.abs(probability - wanted) <= SHARE, `${files[i]}, ${label}: ${probability}`);
        ok(rank === 0 || predictions[rank - 1].probability >= probability);
      });
    });
  };

  await t.step("as JSON, by the run's name, more classes asked for than there are", async () => {
    const { code, stdout, stderr } = await project.command(
      ...["predict", "pets", TEST_IMAGES, "--json", "--top", "99"] as const,
    );
    equal([code, stderr], [0, ""]);
    check(lines(stdout));
  });

  await t.step("as CSV, by the published checkpoint's folder, files named one by one", async () => {
    const folder = join(run, "train/model");
    const { code, stdout, stderr } = await task(
      "predict",
      [folder, ...files, "--csv", "--top", "10"],
    );
    equal([code, stderr], [0, ""]);
    const [head, ...rows] = stdout.trimEnd().split("\n");
    strictEqual(head, "path,rank,label,probability");
    const cells = rows.map((row) => row.split(","));
    equal(cells.map(([, rank]) => Number(rank)), rows.map((_, i) => i % 10 + 1));
    check(files.map((_, i) => ({
      path: cells[i * 10][0],
      predictions: cells.slice(i * 10, i * 10 + 10).map(([, , label, probability]) => ({
        label,
        probability: Number(probability),
      })),
    })));
  });

  await t.step("for people, the first five, by the run's folder", async () => {
    const { code, stdout } = await task("predict", [run, files[7]]);
    strictEqual(code, 0);
    const order = [...expected[7].keys()].sort((a, b) => expected[7][b] - expected[7][a]);
    strictEqual(
      stdout,
      [
        files[7],
        ...order.slice(0, 5).map((index) => {
          const share = `${(100 * expected[7][index]).toFixed(1)}%`;
          return `${share.padStart(8)}  ${classes[index]}`;
        }),
        "",
      ].join("\n"),
    );
  });

  await t.step(
    "with a warning where the model of load-pretrained has a head by chance",
    async () => {
      const { code, stderr } = await task("predict", [join(run, "load-pretrained"), files[7]]);
      strictEqual(code, 0);
      match(stderr, /^warning: this model's head is new and has not been trained/);
    },
  );

  await t.step("the same where attention is looked at too", async () => {
    const seen = join(project.path, "seen");
    const { code, stdout, stderr } = await project.command(
      ...["predict", "pets", TEST_IMAGES, "--json", "--top", "10", "--attention", seen] as const,
    );
    equal([code, stderr], [0, ""]);
    check(lines(stdout));
    equal(
      project.list("seen").flatMap((name) =>
        project.list(`seen/${name}`).map((n) => `${name}/${n}`)
      ),
      files.map((file) => file.slice(TEST_IMAGES.length + 1)),
    );
  });
});

Deno.test("files that are no images are named, and the others are predicted", async () => {
  await using project = await temporaryProject({ "photos.txt": "no picture" });
  const photos = join(project.path, "photos");
  await Deno.mkdir(photos);
  const whole = await Deno.readFile(join(TEST_IMAGES, "cat/00000.png"));
  await Deno.writeFile(join(photos, "1.png"), whole);
  await Deno.writeFile(join(photos, "2.png"), whole.subarray(0, whole.length / 2));
  await Deno.writeTextFile(join(photos, "3.jpg"), "no picture");
  await Deno.writeFile(join(photos, "4.png"), whole);
  const words = [photos, join(project.path, "photos.txt"), join(project.path, "missing.png")];

  const json = await task("predict", [join(GOLDEN, "vit"), ...words, "--json"]);
  strictEqual(json.code, 1);
  const found = lines(json.stdout);
  equal(found.map(({ path, predictions }) => [path.slice(project.path.length + 1), !predictions]), [
    ["photos/1.png", false],
    ["photos/2.png", true],
    ["photos/3.jpg", true],
    ["photos/4.png", false],
    ["photos.txt", true],
    ["missing.png", true],
  ]);
  found[0].predictions.forEach(({ label, probability }, rank) => {
    const same = found[3].predictions[rank];
    strictEqual(same.label, label);
    ok(Math.abs(same.probability - probability) <= SHARE, label);
  });
  // The reason alone, beside the path; standard error has no more than the count.
  equal(found.flatMap(({ error }) => error ?? []), [
    "the PNG is cut or damaged",
    "it does not begin as an image does",
    "it does not begin as an image does",
    "there is no such file or folder",
  ]);
  strictEqual(json.stderr, "4 of 6 images could not be read\n");

  const plain = await task("predict", [join(GOLDEN, "vit"), ...words, "--top", "1"]);
  strictEqual(plain.code, 1);
  match(plain.stdout, /^[^\n]*1\.png\n[^\n]*%[^\n]*\n[^\n]*4\.png\n[^\n]*%[^\n]*\n$/);
  const at = (name: string) => join(project.path, name);
  equal(plain.stderr.trimEnd().split("\n"), [
    `Cannot read the image ${at("photos/2.png")}: the PNG is cut or damaged`,
    `Cannot read the image ${at("photos/3.jpg")}: it does not begin as an image does`,
    `Cannot read the image ${at("photos.txt")}: it does not begin as an image does`,
    `Cannot read ${at("missing.png")}: there is no such file or folder`,
    "4 of 6 images could not be read",
  ]);

  const one = await task("predict", [join(GOLDEN, "vit"), at("photos/2.png"), "--csv"]);
  strictEqual(one.code, 1);
  match(one.stderr, /^Cannot read the image .*\nThe image could not be read\n$/);
});

Deno.test("what predict leaves out, clips and assumes is told on standard error, once", async () => {
  await using project = await temporaryProject({});
  const at = (...path: string[]) => join(project.path, ...path);
  const files = join(ROOT, "tests/fixtures/images/files");
  for (const folder of ["model", "photos", "none"]) await Deno.mkdir(at(folder));
  for (const name of ["config.json", "model.safetensors"]) {
    await Deno.copyFile(join(GOLDEN, "vit", name), at("model", name));
  }
  await Deno.copyFile(join(TEST_IMAGES, "cat/00000.png"), at("photos/1.png"));
  for (const name of ["2.png", "3.png"]) {
    await Deno.copyFile(join(files, "png-grey-16-bit.png"), at("photos", name));
  }
  for (const name of ["1.heic", "2.heic", "1.mov", "notes.txt"]) {
    await Deno.writeTextFile(at("photos", name), "");
  }
  const { code, stdout, stderr } = await task("predict", [
    ...[at("model"), at("photos"), at("none"), "--csv", "--top", "1"],
  ]);
  strictEqual(code, 0, stderr);
  strictEqual(stdout.trimEnd().split("\n").length, 4);
  const { image_size } = JSON.parse(await Deno.readTextFile(at("model/config.json")));
  equal(stderr.trimEnd().split("\n"), [
    "warning: left out 3 files that are not read as images: 2 .heic and 1 .mov",
    `warning: there are no images in "${at("none")}"`,
    `warning: the model has no preprocessor_config.json: assumed are ${image_size}x${image_size} ` +
    "pixels, bilinear, mean 0.5, 0.5, 0.5, deviation 0.5, 0.5, 0.5",
    "warning: 2 images are 16-bit grey and nearly white: values above 255 are clipped, as by " +
    `Pillow; the first: ${at("photos/2.png")}; bring them to 8 bits to see what is in them`,
  ]);

  const nothing = await task("predict", [at("model"), at("none"), "--json"]);
  strictEqual(nothing.code, 2);
  await Deno.copyFile(at("photos/1.heic"), at("none/1.heic"));
  const heic = await task("predict", [at("model"), at("none"), "--json"]);
  equal([heic.code, heic.stdout], [2, ""]);
  strictEqual(
    heic.stderr,
    `Cannot find any images in "${at("none")}": what is there is not read as images (1 .heic)\n` +
      "Convert such files to JPEG or PNG\n",
  );
});

Deno.test("pictures of attention stand side by side, are replaced by their like, and spare others", async () => {
  await using project = await temporaryProject({});
  const at = (...path: string[]) => join(project.path, ...path);
  const image = await Deno.readFile(join(TEST_IMAGES, "dog/00012.png"));
  for (const folder of ["a", "b", "seen"]) await Deno.mkdir(at(folder));
  await Deno.writeFile(at("a/x.png"), image);
  await Deno.writeFile(at("b/x.png"), image);
  await Deno.writeFile(at("b/y.png"), image);
  await Deno.writeTextFile(at("seen/y.png"), "mine");
  const predict = (model: string) =>
    task("predict", [join(GOLDEN, model), at("a"), at("b"), "--attention", at("seen")]);
  const listed = () => [...Deno.readDirSync(at("seen"))].map(({ name }) => name).sort();
  // A model with register tokens in front of the patches, then one without.
  for (const model of ["dinov2-registers", "vit"]) {
    const { code, stderr } = await predict(model);
    strictEqual(code, 0, stderr);
    match(stderr, /^warning: .*seen\/y\.png is no picture of predict and is left alone\n$/);
    equal(listed(), ["x-2.png", "x.png", "y-2.png", "y.png"]);
  }
  strictEqual(await Deno.readTextFile(at("seen/y.png")), "mine");
  const { decodeImage } = await import("../../data/imagefolder.ts");
  const { width, height } = await decodeImage(at("seen/y-2.png"));
  ok(width > 1000 && height > 500, `${width} x ${height}`);
});

Deno.test("Ctrl-C ends predict with 130, a reader that has gone ends it quietly", async () => {
  const many = Array.from({ length: 60 }, () => TEST_IMAGES);
  const child = startTask("predict", [join(GOLDEN, "vit"), ...many, "--json"]);
  await child.until(/"path"/);
  child.kill("SIGINT");
  const { code, stdout } = await child.ended;
  strictEqual(code, 130);
  ok(stdout.endsWith("\n"), "no line is cut");

  const { tasks } = JSON.parse(await Deno.readTextFile(join(ROOT, "deno.json")));
  const piped = new Deno.Command(Deno.execPath(), {
    args: [...tasks.predict.command.split(" ").slice(1), join(GOLDEN, "vit"), ...many],
    cwd: ROOT,
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const errors = new Response(piped.stderr).text();
  const reader = piped.stdout.getReader();
  await reader.read();
  await reader.cancel();
  equal([(await piped.status).code, await errors], [0, ""]);
});

function softmax(logits: Float32Array): number[] {
  const exponentials = [...logits].map((logit) => Math.exp(logit));
  const sum = exponentials.reduce((a, b) => a + b, 0);
  return exponentials.map((value) => value / sum);
}
