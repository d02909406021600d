import { deepStrictEqual as equal, throws } from "node:assert/strict";
import { UserError } from "../../base/errors.ts";
import { isFileName } from "../../base/file_name.ts";
import { parseHubName } from "../../hub/name.ts";

Deno.test("a model of the Hub is an owner and a name, perhaps at a revision", () => {
  equal(parseHubName("google/vit-base-patch16-224"), {
    id: "google/vit-base-patch16-224",
    revision: "main",
  });
  equal(parseHubName("WinKawaks/vit-tiny_1.0@v2.1"), {
    id: "WinKawaks/vit-tiny_1.0",
    revision: "v2.1",
  });
  equal(parseHubName("a/b@refs/pr/12"), { id: "a/b", revision: "refs/pr/12" });
});

Deno.test("what is no such name is a path", () => {
  const paths = [
    "",
    "vit",
    "/home/me/vit",
    "./vit",
    "../vit",
    "~/vit",
    "a/b/c",
    "a/",
    "/b",
    "a//b",
    ".git/b",
    "a/..",
    "a/b..c",
    "a--b/c",
    "-a/b",
    "a/b-",
    "a/b.git",
    "a b/c",
    "a\\b/c",
    "a/b\0",
    `a/${"b".repeat(97)}`,
    "https://huggingface.co/a/b",
  ];
  equal(paths.filter((path) => parseHubName(path) !== undefined), []);
});

Deno.test("a revision cannot lead out of the cache", () => {
  for (const revision of ["", "..", "../x", "a/../../b", "/etc", "a//b", ".hidden", "a\0", "a b"]) {
    throws(() => parseHubName(`owner/vit@${revision}`), (error) => {
      return error instanceof UserError &&
        /it must be a branch, a tag or a commit/.test(error.message);
    }, revision);
  }
});

Deno.test("only a plain word names a file of the cache", () => {
  equal(["config.json", "0a1b", "model-00001-of-00002.safetensors"].every(isFileName), true);
  equal(
    ["", ".", "..", "../a", "a/b", "a\\b", "/a", ".a", "a\n", "a".repeat(201)].some(isFileName),
    false,
  );
});
