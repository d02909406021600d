import { deepStrictEqual as equal, ok, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { openSafetensors } from "../../base/safetensors.ts";
import { ROOT, task, temporaryProject } from "./project.ts";

const GOLDEN = join(ROOT, "tests/fixtures/golden");
const PYTHON = Deno.env.get("VITRINE_PYTHON");

/** Logits are equal to so much in another float32 engine (tests/fixtures/golden, README.md). */
const TOLERANCE = 2e-5;

/** The card's lines of Python and predict agree on probabilities to so much. */
const SHARE = 1e-5;

/** Pictures on which what is done before the processor counts: turned, and partly transparent. */
const ODD = ["jpeg-orientation-6.jpg", "png-rgba.png", "webp-lossless-alpha.webp"]
  .map((file) => join(ROOT, "tests/fixtures/images/files", file));

/**
 * Loads the folder as anybody would, classifies the images, reads the card as the Hub's own library
 * does, and runs the lines of Python that the card gives, then for each odd picture once more.
 */
const SCRIPT = `
import contextlib, io, json, os, re, sys
import torch
from huggingface_hub import ModelCard, ModelCardData
from PIL import Image
from transformers import AutoImageProcessor, AutoModelForImageClassification

folder, (images, odd) = sys.argv[1], json.load(sys.stdin)
model, info = AutoModelForImageClassification.from_pretrained(folder, output_loading_info=True)
processor = AutoImageProcessor.from_pretrained(folder, backend="pil")
pixels = processor([Image.open(path).convert("RGB") for path in images], return_tensors="pt")
with torch.no_grad():
    logits = model.eval()(**pixels).logits

card = ModelCard.load(os.path.join(folder, "README.md"))
data = card.data.to_dict()
ModelCardData(**data, ignore_metadata_errors=False)
results = [[r.task_type, r.dataset_type, r.metric_type, r.metric_value]
           for r in card.data.eval_results]

Image.open(images[0]).convert("RGB").resize((90, 60)).save(os.path.join(folder, "photo.jpg"))
os.chdir(folder)
printed = io.StringIO()
with contextlib.redirect_stdout(printed):
    code = re.search("\`\`\`python\\n(.*?)\`\`\`", card.text, re.S).group(1)
    exec(code, {})
shares = []
for path in odd:
    names = {}
    with contextlib.redirect_stdout(io.StringIO()):
        exec(code.replace("photo.jpg", path), names)
    shares.append(names["probabilities"].tolist())

print(json.dumps({
    "wrong": {key: sorted(map(str, value)) for key, value in info.items() if value},
    "architecture": type(model).__name__, "labels": list(model.config.id2label.values()),
    "logits": logits.flatten().tolist(), "data": data, "results": results,
    "printed": printed.getvalue().splitlines(), "shares": shares}))
`;

interface Theirs {
  readonly wrong: Record<string, string[]>;
  readonly architecture: string;
  readonly labels: string[];
  readonly logits: number[];
  readonly data: Record<string, unknown>;
  readonly results: unknown[][];
  readonly printed: string[];
  /** By odd picture, probabilities in order of the labels. */
  readonly shares: number[][];
}

async function askPython(folder: string, images: readonly string[]): Promise<Theirs> {
  const child = new Deno.Command(PYTHON!, {
    args: ["-c", SCRIPT, folder],
    env: { HF_HUB_OFFLINE: "1" },
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(JSON.stringify([images, ODD])));
  await writer.close();
  const { code, stdout, stderr } = await child.output();
  strictEqual(code, 0, new TextDecoder().decode(stderr));
  return JSON.parse(new TextDecoder().decode(stdout).trim().split("\n").at(-1)!);
}

/** Images of a split in the order of predictions.safetensors: by class, then by name. */
function imagesIn(split: string): string[] {
  const names = (path: string) => [...Deno.readDirSync(path)].map(({ name }) => name).sort();
  return names(split).flatMap((label) =>
    names(join(split, label)).map((file) => join(split, label, file))
  );
}

const CASES = [
  { model: "vit", architecture: "ViTForImageClassification", preprocess: {}, train: true },
  {
    // Pictures are resized on their way in, and position embeddings are interpolated.
    model: "vit-f16",
    architecture: "ViTForImageClassification",
    preprocess: { image_size: [48, 64], resample: "bicubic" },
    train: true,
  },
  { model: "vit", architecture: "ViTForImageClassification", preprocess: {}, train: false },
  { model: "deit", architecture: "DeiTForImageClassification", preprocess: {}, train: true },
  {
    model: "deit-teacher",
    architecture: "DeiTForImageClassificationWithTeacher",
    preprocess: {},
    train: true,
  },
  { model: "dinov2", architecture: "Dinov2ForImageClassification", preprocess: {}, train: true },
  {
    model: "dinov2-swiglu",
    architecture: "Dinov2ForImageClassification",
    preprocess: {},
    train: true,
  },
  {
    model: "dinov2-registers",
    architecture: "Dinov2WithRegistersForImageClassification",
    preprocess: {},
    train: true,
  },
];

for (const { model, architecture, preprocess, train } of CASES) {
  const what = `${train ? "trained from" : "taken as it is:"} ${model}`;
  const size = "image_size" in preprocess ? ` at ${preprocess.image_size!.join("x")}` : "";
  Deno.test({
    name: `transformers and the Hub's library take an export ${what}${size}` +
      (PYTHON ? "" : " (left out: VITRINE_PYTHON names no python with torch and transformers)"),
    ignore: !PYTHON,
    async fn() {
      const config = {
        seed: 1,
        stages: {
          preprocess: { dataset: { imagefolder: join(GOLDEN, "imagefolder") }, ...preprocess },
          "load-pretrained": { model: join(GOLDEN, model), head: train ? "reinit" : "keep" },
          ...(train ? { train: { epochs: 1, batch_size: 16 } } : {}),
          evaluate: {},
        },
      };
      await using project = await temporaryProject({ "pets.yaml": JSON.stringify(config) });
      const run = join(project.path, "outputs/pets");
      const out = join(project.path, "out");
      for (
        const [name, ...args] of [["run", join(project.path, "pets.yaml")], [
          "export",
          run,
          out,
        ]]
      ) {
        const { code, stderr } = await task(name, args);
        strictEqual(code, 0, stderr);
      }

      const theirs = await askPython(out, imagesIn(join(GOLDEN, "imagefolder/test")));
      equal(theirs.wrong, {});
      strictEqual(theirs.architecture, architecture);
      using predictions = await openSafetensors(join(run, "evaluate/predictions.safetensors"));
      const ours = predictions.float32("logits");
      strictEqual(theirs.logits.length, ours.length);
      const off = Math.max(...theirs.logits.map((logit, i) => Math.abs(logit - ours[i])));
      ok(off <= TOLERANCE, `logits differ by ${off}`);

      const metrics = JSON.parse(Deno.readTextFileSync(join(run, "evaluate/metrics.json")));
      equal(theirs.results, [
        ["image-classification", "imagefolder", "accuracy", metrics.accuracy],
        ["image-classification", "imagefolder", "accuracy", metrics.top5_accuracy],
        ["image-classification", "imagefolder", "loss", metrics.loss],
      ]);
      strictEqual(theirs.data.library_name, "transformers");
      strictEqual(theirs.data.pipeline_tag, "image-classification");
      // The three most likely classes, the most likely first.
      const shares = theirs.printed.map((line) => {
        const [, label, share] = /^(\w+): ([\d.]+)%$/.exec(line)!;
        ok(theirs.labels.includes(label), label);
        return Number(share);
      });
      strictEqual(shares.length, 3);
      equal(shares, shares.toSorted((a, b) => b - a));

      const { code, stdout, stderr } = await task("predict", [
        out,
        ...ODD,
        "--json",
        "--top",
        "99",
      ]);
      strictEqual(code, 0, stderr);
      stdout.trimEnd().split("\n").forEach((line, i) => {
        for (const { label, probability } of JSON.parse(line).predictions) {
          const wanted = theirs.shares[i][theirs.labels.indexOf(label)];
          ok(Math.abs(probability - wanted) <= SHARE, `${ODD[i]}, ${label}: ${probability}`);
        }
      });
      strictEqual(theirs.shares.length, ODD.length);
    },
  });
}
