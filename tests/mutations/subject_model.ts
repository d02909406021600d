import { join } from "node:path";
import { random } from "../../base/random.ts";
import { readModelFolder } from "../../stages/load-pretrained/folder.ts";
import { readWeights } from "../../vit/weights.ts";
import { mutateBytes, pick } from "./bytes.ts";
import { mutateJson } from "./json.ts";
import type { Damaged, Subject } from "./subject.ts";

const GOLDEN = join(import.meta.dirname!, "../fixtures/golden");
const FAMILIES = [
  "vit",
  "vit-nobias-gelunew",
  "vit-backbone",
  "deit",
  "dinov2",
  "dinov2-registers",
];
const CONFIG = "config.json";
const PREPROCESSOR = "preprocessor_config.json";

/** `preprocessor_config.json` in spellings that the golden files do not have. */
const PREPROCESSORS = [
  {
    image_processor_type: "BitImageProcessor",
    do_resize: true,
    size: { shortest_edge: 256 },
    resample: 3,
    do_center_crop: true,
    crop_size: { height: 224, width: 224 },
    do_rescale: true,
    rescale_factor: 0.00392156862745098,
    do_normalize: true,
    image_mean: [0.485, 0.456, 0.406],
    image_std: [0.229, 0.224, 0.225],
    do_convert_rgb: true,
  },
  { feature_extractor_type: "ViTFeatureExtractor", size: 32, crop_size: 32, do_center_crop: false },
].map((json) => JSON.stringify(json));

/** A model folder whose config.json or preprocessor_config.json is damaged, read with its weights. */
export async function prepare(folder: string): Promise<Subject> {
  const texts = new Map<string, string>();
  for (const family of FAMILIES) {
    await Deno.mkdir(join(folder, family));
    for (const file of [CONFIG, PREPROCESSOR, "model.safetensors"]) {
      await Deno.copyFile(join(GOLDEN, family, file), join(folder, family, file));
    }
    for (const file of [CONFIG, PREPROCESSOR]) {
      texts.set(`${family}/${file}`, await Deno.readTextFile(join(GOLDEN, family, file)));
    }
  }
  const before = PREPROCESSORS.concat(
    FAMILIES.map((name) => texts.get(`${name}/${PREPROCESSOR}`)!),
  );
  const encoder = new TextEncoder();
  let last: string | undefined;

  const put = async (content: Uint8Array, file: string): Promise<Damaged> => {
    if (last !== undefined) await Deno.writeTextFile(join(folder, last), texts.get(last)!);
    last = file;
    await Deno.writeFile(join(folder, file), content);
    const { size } = await Deno.stat(join(folder, familyOf(file), "model.safetensors"));
    return { file, content, names: [join(folder, familyOf(file))], bytes: content.length + size };
  };

  return {
    whole: [
      ...[...texts].map(([file, text]) => ({ file, content: encoder.encode(text) })),
      ...before.map((text) => ({ file: `vit/${PREPROCESSOR}`, content: encoder.encode(text) })),
    ],
    async write(seed) {
      const draw = random(seed, "damaged model");
      const family = pick(draw, FAMILIES);
      const isConfig = draw.below(3) > 0;
      const file = `${family}/${isConfig ? CONFIG : PREPROCESSOR}`;
      // Now and then the config is another family's.
      const text = isConfig
        ? texts.get(`${draw.below(10) === 0 ? pick(draw, FAMILIES) : family}/${CONFIG}`)!
        : pick(draw, before);
      const bytes = encoder.encode(draw.below(6) === 0 ? text : mutateJson(text, draw));
      return await put(draw.below(6) === 0 ? mutateBytes(bytes, draw) : bytes, file);
    },
    writeContent: put,
    async read({ file }) {
      const path = join(folder, familyOf(file));
      const model = readModelFolder(path, { resolve: (path) => path });
      await readWeights(model.path, model.config);
    },
  };
}

function familyOf(file: string): string {
  return file.split("/")[0];
}
