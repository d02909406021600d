import { match, strictEqual } from "node:assert/strict";
import { whyCannot, whyNoneCan } from "../../engine/capabilities.ts";

Deno.test("what an engine lacks is known before it is opened", () => {
  match(whyCannot("bfloat16 blocks", "wasm", true)!, /^the engine wasm has no such numbers$/);
  match(whyCannot("bfloat16 blocks", "webgpu", true)!, /^the engine webgpu has no such numbers$/);
  match(whyCannot("bfloat16 blocks", "tensorflow", false)!, /^this processor has neither/);
  strictEqual(whyCannot("bfloat16 blocks", "tensorflow", true), undefined);
  strictEqual(whyCannot("low-precision training", "tensorflow", false), undefined);
});

Deno.test("auto is refused what no engine can do, and nothing else", () => {
  strictEqual(whyNoneCan("low-precision training", "auto"), undefined);
  match(whyNoneCan("low-precision training", "wasm")!, /wasm/);
});
