import { deepEqual as equal, ok } from "node:assert/strict";
import { DiskError, UserError } from "../../base/errors.ts";
import { explainCacheError, explainDiskError } from "../../base/write_error.ts";

const explain = (error: unknown) => explainCacheError(error, "TensorFlow", "/cache", "wait");

Deno.test("an error of the file system is told with its place and what to do", () => {
  const error = explain(Object.assign(new Error("Read-only file system"), { code: "EROFS" }));
  ok(error instanceof UserError);
  equal(error.message, "Cannot put TensorFlow into /cache: Read-only file system");
  equal(error.hint, "Set VITRINE_CACHE to a folder that can be written, or wait.");
});

Deno.test("a place that Deno keeps programs out of is no place for a cache", () => {
  const error = explain(new Deno.errors.NotCapable("Requires all access"));
  ok(error instanceof UserError);
  equal(error.message, "Cannot put TensorFlow into /cache: that is no place for files");
});

Deno.test("a full disk is told as one", () => {
  const error = explain(Object.assign(new Error("ENOSPC"), { code: "ENOSPC" }));
  ok(error instanceof UserError);
  equal(error.message, "Cannot write /cache: the disk is full");
});

Deno.test("an error that is not the file system's stays as it is", () => {
  const error = new Error("another");
  equal(explain(error), error);
});

Deno.test("an error of the disk becomes a sentence with what, where and what to do", () => {
  const said = (message: string, code?: string) => {
    const error = explainDiskError(Object.assign(new Error(message), { code }), "publish train");
    ok(error instanceof DiskError);
    return [error.message, error.hint];
  };
  equal(said("Input/output error (os error 5): rename '/a' -> '/b'", "EIO"), [
    "Cannot publish train (/b): the disk failed to read or write",
    "Check the disk and its cable or network, then run again.",
  ]);
  // Deno has no name for this one.
  equal(said("No locks available (os error 37): '/a'"), [
    "Cannot publish train (/a): no locks available",
    "Run it again; --debug shows where this came from.",
  ]);
});
