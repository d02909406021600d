import { deepStrictEqual as equal, throws } from "node:assert/strict";
import { join } from "node:path";
import { UserError } from "../../base/errors.ts";
import { findWeights } from "../../base/weight_files.ts";

const INDEX = "model.safetensors.index.json";

/** A folder with files of the contents that are given. */
function withFiles(files: Record<string, string>, test: (folder: string) => void): void {
  const folder = Deno.makeTempDirSync();
  try {
    for (const [name, content] of Object.entries(files)) {
      Deno.writeTextFileSync(join(folder, name), content);
    }
    test(folder);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

Deno.test("weights in one file go before shards", () => {
  withFiles({ "model.safetensors": "", [INDEX]: "null", "a.bin": "" }, (folder) => {
    equal(findWeights(folder), { weights: ["model.safetensors"] });
  });
});

Deno.test("shards are those that the index names, each once", () => {
  const weight_map = { x: "b.safetensors", y: "a.safetensors", z: "b.safetensors" };
  const files = { "a.safetensors": "", "b.safetensors": "", "c.safetensors": "" };
  withFiles({ [INDEX]: JSON.stringify({ metadata: {}, weight_map }), ...files }, (folder) => {
    equal(findWeights(folder), { index: INDEX, weights: ["a.safetensors", "b.safetensors"] });
  });
});

const WRONG: Record<string, [content: string, words: RegExp]> = {
  "is no JSON": ["{", /its model\.safetensors\.index\.json can't be read: /],
  "is null": ["null", /has no weight_map from tensors to files/],
  "is a list": ["[]", /has no weight_map/],
  "has no map": ["{}", /has no weight_map/],
  "has a list for a map": ['{"weight_map":["a.safetensors"]}', /has no weight_map/],
  "has an empty map": ['{"weight_map":{}}', /names no weights/],
  "maps to a number": ['{"weight_map":{"x":1}}', /names 1 for "x" in its weight_map/],
  "leads out of its folder": ['{"weight_map":{"x":"../a"}}', /names "\.\.\/a" for "x"/],
  "names what is not there": ['{"weight_map":{"x":"a.safetensors"}}', /a\.safetensors is missing/],
};
for (const [what, [content, words]] of Object.entries(WRONG)) {
  Deno.test(`an index that ${what} is refused`, () => {
    withFiles({ [INDEX]: content }, (folder) => {
      throws(
        () => findWeights(folder),
        (error: Error) =>
          error instanceof UserError && words.test(error.message) && error.message.includes(folder),
      );
    });
  });
}

Deno.test("a folder without weights, and one that is not there, are told", () => {
  withFiles({}, (folder) => {
    throws(() => findWeights(folder), {
      name: "UserError",
      message: `Cannot use the model in ${folder}: it has no model.safetensors`,
    });
    throws(() => findWeights(join(folder, "none")), { name: "UserError", message: /Cannot read/ });
  });
});
