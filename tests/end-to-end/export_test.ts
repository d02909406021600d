import { deepStrictEqual as equal, match, ok, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { parse } from "yaml";
import { openSafetensors } from "../../base/safetensors.ts";
import { listRuns } from "../../commands/run_list.ts";
import { ROOT, statuses, task, temporaryProject } from "./project.ts";

const GOLDEN = join(ROOT, "tests/fixtures/golden");

/** Paths that are relative to the project, so that the card's config works as it is. */
const CONFIG = JSON.stringify({
  seed: 1,
  stages: {
    preprocess: { dataset: { imagefolder: "images" } },
    "load-pretrained": { model: "vit" },
    freeze: {},
    train: { epochs: 2, batch_size: 16 },
    evaluate: {},
    visualize: { images: 2, measured: 8 },
  },
});

async function copyFolder(from: string, to: string): Promise<void> {
  await Deno.mkdir(to, { recursive: true });
  for (const { name, isDirectory } of Deno.readDirSync(from)) {
    const [source, target] = [join(from, name), join(to, name)];
    await (isDirectory ? copyFolder(source, target) : Deno.copyFile(source, target));
  }
}

Deno.test("a run's model is published with its card, and exported", async (t) => {
  await using project = await temporaryProject({ "pets.yaml": CONFIG });
  await copyFolder(join(GOLDEN, "imagefolder"), join(project.path, "images"));
  await copyFolder(join(GOLDEN, "vit"), join(project.path, "vit"));
  const run = join(project.path, "outputs/pets");
  const out = join(project.path, "out");
  const read = (...parts: string[]) => Deno.readTextFileSync(join(...parts));
  const { code, stderr } = await task("run", [join(project.path, "pets.yaml")]);
  strictEqual(code, 0, stderr);

  await t.step("train publishes a card with the numbers of its history", () => {
    const card = read(run, "train/model/README.md");
    const { epochs } = JSON.parse(read(run, "train/history.json"));
    for (const { validation_loss, validation_accuracy } of epochs) {
      const row = `| ${validation_loss.toFixed(4)} | ${(100 * validation_accuracy).toFixed(2)}% |`;
      ok(card.includes(row), row);
    }
    const total = JSON.parse(read(run, "load-pretrained/parameters.json")).total;
    ok(card.includes(`${total.toLocaleString("en-GB")} parameters`));
    match(card, /The 30 validation images are the data set's own/);
  });

  await t.step(
    "the export has the checkpoint, the card and the pictures that it shows",
    async () => {
      const { code, stdout, stderr } = await task("export", [run, out]);
      strictEqual(code, 0, stderr);
      const { accuracy, loss } = JSON.parse(read(run, "evaluate/metrics.json"));
      ok(stdout.includes(`Test accuracy ${(100 * accuracy).toFixed(1)}% of 30 images`), stdout);
      for (const name of ["config.json", "model.safetensors", "preprocessor_config.json"]) {
        equal(
          Deno.readFileSync(join(out, name)),
          Deno.readFileSync(join(run, "train/model", name)),
        );
      }
      const card = read(out, "README.md");
      ok(card.includes(`accuracy ${(100 * accuracy).toFixed(2)}%, loss ${loss.toFixed(4)}`));
      const [index] = parse(card.split("---\n")[1])["model-index"];
      equal(
        index.results[0].metrics.map(({ value }: { value: number }) => value).toSpliced(1, 1),
        [accuracy, loss],
      );
      const pictures = [...card.matchAll(/^!\[(.{20,})\]\((figures\/[\w-]+\.png)\)$/gm)];
      equal(pictures.map(([, , path]) => path), [
        "figures/learning-curves.png",
        "figures/confusion-matrix.png",
        "figures/attention-1.png",
        "figures/attention-2.png",
      ]);
      for (const [, , path] of pictures) {
        // Every PNG begins with these.
        equal([...Deno.readFileSync(join(out, path)).subarray(0, 4)], [0x89, 0x50, 0x4e, 0x47]);
      }
      using weights = await openSafetensors(join(out, "model.safetensors"));
      equal(weights.metadata, { format: "pt" });
    },
  );

  await t.step("test images are told of, and left out with --no-images", async () => {
    const bare = join(project.path, "bare");
    const told = (await task("export", [run, join(project.path, "full")])).stdout;
    match(told, /4 figures in its card; 2 of them show test images\)\n--no-images leaves/);
    const { code, stdout } = await task("export", [run, bare, "--no-images"]);
    strictEqual(code, 0);
    match(stdout, /2 figures in its card\)\nTest accuracy/);
    const figures = [...Deno.readDirSync(join(bare, "figures"))].map(({ name }) => name).sort();
    equal(figures, ["confusion-matrix.png", "learning-curves.png"]);
    ok(!read(bare, "README.md").includes("attention-1"));
  });

  await t.step("neither says where or when it was made", () => {
    const told = ["train/model/README.md", "train/model/config.json"].map((name) => read(run, name))
      .concat(["README.md", "config.json", "vitrine.json"].map((name) => read(out, name)));
    for (const text of told) {
      for (const path of [project.path, ROOT]) ok(!text.includes(path), path);
      ok(!/\d{4}-\d{2}-\d{2}/.test(text), "a date");
    }
  });

  await t.step("the config in the card makes the same run", async () => {
    const [, config] = /```yaml\n([\s\S]*?)```/.exec(read(out, "README.md"))!;
    await Deno.writeTextFile(join(project.path, "again.yaml"), config);
    const { code, stderr } = await task("run", [join(project.path, "again.yaml")]);
    strictEqual(code, 0, stderr);
    const again = statuses(join(project.path, "outputs/again"));
    equal(Object.entries(again).filter(([, status]) => !/fresh|restored/.test(status)), []);
  });

  await t.step(
    "what a run with --until did not get to is an earlier run's, and counts",
    async () => {
      const { train, evaluate } = {
        train: "train/history.json",
        evaluate: "evaluate/metrics.json",
      };
      const validation = JSON.parse(read(run, train)).epochs.at(-1).validation_accuracy;
      const test = JSON.parse(read(run, evaluate)).accuracy;
      const short = ["run", [join(project.path, "pets.yaml"), "--until", "preprocess"]] as const;
      strictEqual((await task(...short)).code, 0);
      equal((await statuses(run)).train, "not reached");
      const note = 'The model of "train" is of an earlier run: the last one did not get to it\n';
      const second = join(project.path, "second");
      const exported = await task("export", [run, second]);
      equal([exported.code, exported.stderr], [0, note]);
      // Parameters and inputs are those of the run that made the model.
      strictEqual(read(second, "README.md"), read(out, "README.md"));
      const image = join(GOLDEN, "imagefolder/test");
      const predicted = await task("predict", [run, image, "--csv"]);
      strictEqual(predicted.code, 0, predicted.stderr);
      ok(predicted.stderr.includes(note), predicted.stderr);
      const [listed] = await listRuns(join(project.path, "outputs"));
      ok(listed.kind === "run");
      equal([listed.validation_accuracy, listed.test_accuracy], [validation, test]);
    },
  );

  await t.step("a flipped bit in the store is found, and nothing is exported", async () => {
    const path = Deno.realPathSync(join(run, "train/model/model.safetensors"));
    const bytes = Deno.readFileSync(path);
    bytes[bytes.length - 1] ^= 1;
    Deno.writeFileSync(path, bytes);
    const { code, stderr } = await task("export", [run, join(project.path, "damaged")]);
    strictEqual(code, 1);
    match(
      stderr,
      /model\.safetensors: its bytes are not those that were published\nRun the config/,
    );
    equal([...Deno.readDirSync(project.path)].filter(({ name }) => name.includes("damaged")), []);
  });

  await t.step("a run that trains nothing exports the pretrained model, and says so", async () => {
    const config = JSON.parse(CONFIG);
    const { preprocess, evaluate } = config.stages;
    const stages = { preprocess, "load-pretrained": { model: "vit", head: "keep" }, evaluate };
    await Deno.writeTextFile(join(project.path, "plain.yaml"), JSON.stringify({ stages }));
    strictEqual((await task("run", [join(project.path, "plain.yaml")])).code, 0);
    const target = join(project.path, "plain");
    const { code, stderr } = await task("export", [join(project.path, "outputs/plain"), target]);
    strictEqual(code, 0, stderr);
    const card = read(target, "README.md");
    match(card, /with the classifier that it came with, not trained any further/);
    match(card, /^# Vision Transformer for 10 classes$/m);
    ok(!card.includes("## Recipe"));
    ok(card.includes("## Test"));
  });
});
