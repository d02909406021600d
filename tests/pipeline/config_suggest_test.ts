import { deepStrictEqual as equal } from "node:assert/strict";
import { listWords, nearest } from "../../pipeline/suggest.ts";

Deno.test("the nearest word is one letter changed, added, left out or swapped per three", () => {
  equal(nearest("optimiser", ["optimizer", "optional"]), "optimizer");
  equal(nearest("epoch", ["epochs", "batch_size"]), "epochs");
  equal(nearest("trian", ["train", "freeze"]), "train");
  equal(nearest("batchsize", ["batch_size"]), "batch_size");
  equal(nearest("lr", ["learning_rate", "blocks"]), undefined);
  equal(nearest("momentum", ["epsilon", "betas"]), undefined);
});

Deno.test("case, hyphens and underscores do not count", () => {
  equal(nearest("AdamW", ["adamw", "sgd"]), "adamw");
  equal(nearest("load_pretrained", ["load-pretrained"]), "load-pretrained");
});

Deno.test("the start of a word is near if no other begins like it", () => {
  equal(nearest("warmup", ["warmup_ratio", "name"]), "warmup_ratio");
  equal(nearest("weight", ["weight_decay", "weight_decay_rate"]), undefined);
});

Deno.test("one letter is near to no other", () => {
  equal(nearest("x", ["a", "y"]), undefined);
  equal(nearest("", ["a"]), undefined);
});

Deno.test("words are listed as in a sentence", () => {
  equal(listWords([]), "");
  equal(listWords(["a"]), '"a"');
  equal(listWords(["a", "b", "c"]), '"a", "b" or "c"');
  equal(listWords(["a", "b", "c"], "and", 2), '"a", "b", …');
});
