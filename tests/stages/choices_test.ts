import { deepStrictEqual as equal, strictEqual, throws } from "node:assert/strict";
import { UserError } from "../../base/errors.ts";
import { frozenPrefix } from "../../stages/freeze/prefix.ts";
import { chooseHead } from "../../stages/load-pretrained/head.ts";
import { chooseImages } from "../../stages/visualize/choose.ts";
import { parseModelConfig } from "../../vit/config.ts";

Deno.test("images are chosen class by class, the first of each before the second of any", () => {
  const labels = Int32Array.of(1, 1, 0, 2, 0, 1);
  equal(chooseImages(labels, 3, 4), [2, 0, 3, 4]);
  equal(chooseImages(labels, 3, 100), [2, 0, 3, 4, 1, 5]);
  equal(chooseImages(new Int32Array(0), 3, 4), []);
});

Deno.test("a head is kept where its labels are the data's classes, in the model's order", () => {
  equal(chooseHead("auto", ["b", "a"], ["a", "b"]), { source: "kept", labels: ["b", "a"] });
  equal(chooseHead("keep", ["b", "a"], ["a", "b"]), { source: "kept", labels: ["b", "a"] });
});

Deno.test("a head is drawn anew where it is asked for or does not fit", () => {
  equal(chooseHead("reinit", ["a", "b"], ["a", "b"]), { source: "new", labels: ["a", "b"] });
  equal(chooseHead("auto", ["a", "b", "c"], ["a", "b"]), { source: "new", labels: ["a", "b"] });
  equal(chooseHead("auto", [], ["a", "b"]), { source: "new", labels: ["a", "b"] });
});

Deno.test("a head that is to be kept and does not fit is an error that names a class", () => {
  const keep = (labels: string[], classes: string[]) => () => chooseHead("keep", labels, classes);
  throws(keep(["a"], ["a", "b"]), /no class "b", which the data has/);
  throws(keep(["a", "b", "c"], ["a", "b"]), /the data has no class "c"/);
  throws(keep([], ["a"]), UserError);
});

Deno.test("the frozen prefix ends where something trainable begins", () => {
  const config = parseModelConfig({ model_type: "vit", num_hidden_layers: 4 }, "config.json");
  const prefix = (embeddings: boolean, blocks: number) =>
    frozenPrefix({ embeddings, blocks, features: "float16", precision: "float32" }, config);
  equal(prefix(true, 2), { blocks: 2, tokens: "all" });
  equal(prefix(true, 0), { blocks: 0, tokens: "all" });
  // Above the last block only the class token is read.
  equal(prefix(true, 4), { blocks: 4, tokens: "summary" });
  strictEqual(prefix(false, 2), undefined);
});
