import { join } from "node:path";
import { concat } from "../../base/bytes.ts";
import type { Kind } from "./subject.ts";

const IMAGES = join(import.meta.dirname!, "../fixtures/data/images");

/** A file that was once taken in a way that it must not be. */
export interface Kept {
  readonly kind: Kind;
  /** As the kind's subject calls it. */
  readonly file: string;
  /** What went wrong. */
  readonly was: string;
  readonly make: () => Uint8Array;
}

/** Every file that failed, as small as it still failed, so that no change of the mutators loses it. */
const KEPT: readonly Kept[] = [
  {
    kind: "safetensors",
    file: "model.safetensors",
    was: "no dtype: the error said `undefined`",
    make: () => safetensors('{"a":{"shape":[1],"data_offsets":[0,4]}}', 4),
  },
  {
    kind: "safetensors",
    file: "model.safetensors",
    was: "a name of 5,000 letters: the error was as long",
    make: () => safetensors(`{"${"x".repeat(5000)}":{"dtype":"F32","shape":[1]}}`, 4),
  },
  {
    kind: "safetensors",
    file: "model.safetensors",
    was: "a dtype that is a list of 5,000 letters: the error was as long",
    make: () => safetensors(`{"a":{"dtype":["${"x".repeat(5000)}"],"shape":[1]}}`, 4),
  },
  {
    kind: "safetensors",
    file: "model.safetensors",
    was: "a dtype nested 100,000 deep: a stack overflow, when the error was to show it",
    make: () => safetensors(`{"a":{"dtype":${"[".repeat(1e5)}${"]".repeat(1e5)}}}`, 4),
  },
  {
    kind: "safetensors",
    file: "model.safetensors.index.json",
    was: "a name that turns the direction of writing: it reached the terminal",
    make: () => text('{"weight_map":{"a":"\u202eabc"}}'),
  },
  {
    kind: "safetensors",
    file: "model.safetensors.index.json",
    was: "a tensor's name with a line separator: it reached the terminal",
    make: () => text('{"weight_map":{"a\u2028b":1}}'),
  },
  {
    kind: "safetensors",
    file: "model.safetensors.index.json",
    was: "no JSON but NUL: the parser quoted it, and it reached the terminal",
    make: () => text('\0\0\0{"weight_map"'),
  },
  {
    kind: "safetensors",
    file: "model.safetensors.index.json",
    was: "a file's name that is a map of thousands of letters: the error was as long",
    make: () => text(`{"weight_map":{"a":{"b":"${"x".repeat(5000)}"}}}`),
  },
  {
    kind: "model",
    file: "vit/config.json",
    was: "no model_type: the error said `received undefined`",
    make: () => text('{"hidden_size":32}'),
  },
  {
    kind: "model",
    file: "vit/config.json",
    was: "num_channels that is a map: the error said `[object Object]`",
    make: () => text('{"model_type":"vit","num_channels":{"a":1}}'),
  },
  {
    kind: "model",
    file: "vit/config.json",
    was:
      "an unknown key nested 20,000 deep: planned, and a stack overflow when the model was written",
    make: () => text(`{"model_type":"vit","a":${"[".repeat(2e4)}${"]".repeat(2e4)}}`),
  },
  {
    kind: "model",
    file: "vit/config.json",
    was:
      "a mark that turns the direction of writing, quoted by the parser: it reached the terminal",
    make: () => text('{"a":{"\u202eabc":\'}}'),
  },
  {
    kind: "model",
    file: "deit/preprocessor_config.json",
    was: "a slip in JSON of many lines: the parser quoted them, and the error had five",
    make: () => text('{\n "image_mean": [\n  0.5,\n $0.5\n ],\n "size": 3\n}'),
  },
  {
    kind: "model",
    file: "vit/preprocessor_config.json",
    was: "a class of 300 letters: the error was as long",
    make: () => text(JSON.stringify({ image_processor_type: "ä".repeat(300) })),
  },
  {
    kind: "config",
    file: "mutated.yaml",
    was: "a key that turns the direction of writing: it reached the terminal",
    make: () => text('stages:\n  load-pretrained:\n    "\u202eabc": reinit\n'),
  },
  {
    kind: "config",
    file: "mutated.yaml",
    was: "a key of 300 letters: the error was as long",
    make: () => text(`stages:\n  train:\n    "${"ä".repeat(300)}": 1\n`),
  },
  {
    kind: "config",
    file: "mutated.yaml",
    was: "a key of NUL: the error showed six letters for each",
    make: () => concat([text("stages:\n  train: {}\n"), new Uint8Array(32), text(": 1\n")]),
  },
  {
    kind: "config",
    file: "mutated.yaml",
    was: "a path of 100,000 letters to extend: the error was as long, twice",
    make: () => text(`extends: ${"x".repeat(1e5)}\nstages: {}\n`),
  },
  {
    kind: "config",
    file: "mutated.yaml",
    was: "a path of 5,000 letters to an image folder: the error was as long",
    make: () =>
      text(`stages:\n  preprocess: { dataset: { imagefolder: "${"x".repeat(5000)}" } }\n`),
  },
  {
    kind: "config",
    file: "mutated.yaml",
    was: "a path of 5,000 letters to a model: the error was as long, twice",
    make: () => text(`stages:\n  load-pretrained: { model: "${"x".repeat(5000)}" }\n`),
  },
  {
    kind: "config",
    file: "mutated.yaml",
    was: "a path of 5,000 letters to a stage: the error was as long",
    make: () => text(`stages:\n  a: { uses: "./${"x".repeat(5000)}.ts" }\n`),
  },
  {
    kind: "image",
    file: "damaged.tif",
    was: "more samples a pixel than colours: pixels of five bytes",
    make: () => edited("rgb.tif", [[262, 1]]),
  },
  {
    kind: "image",
    file: "damaged.gif",
    was: "a GIF that ends before its codes: the error said `undefined bits`",
    make: () =>
      concat([text("GIF89a"), Uint8Array.of(1, 0, 1, 0, 0, 0, 0, 0x2c, 0, 0, 0, 0, 1, 0, 1, 0, 0)]),
  },
];

/** The files of a kind. */
export function keptOf(kind: Kind): { file: string; content: Uint8Array; was: string }[] {
  return KEPT.filter((kept) => kept.kind === kind)
    .map(({ file, was, make }) => ({ file, was, content: make() }));
}

function text(content: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(content);
}

function safetensors(header: string, data: number): Uint8Array {
  const json = text(header);
  const length = new Uint8Array(8);
  new DataView(length.buffer).setBigUint64(0, BigInt(json.length), true);
  return concat([length, json, new Uint8Array(data)]);
}

/** A TIFF with other values in its directory, by tag. */
function edited(name: string, tags: readonly (readonly [tag: number, value: number])[]) {
  const bytes = Deno.readFileSync(join(IMAGES, name));
  const view = new DataView(bytes.buffer);
  const directory = view.getUint32(4, true);
  for (let i = 0; i < view.getUint16(directory, true); i++) {
    const entry = directory + 2 + 12 * i;
    const edit = tags.find(([tag]) => tag === view.getUint16(entry, true));
    if (edit) view.setUint16(entry + 8, edit[1], true);
  }
  return bytes;
}
