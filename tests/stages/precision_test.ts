import { match, ok, strictEqual, throws } from "node:assert/strict";
import { UserError } from "../../base/errors.ts";
import { hasBfloat16 } from "../../engine/avx.ts";
import type { Engine } from "../../engine/mod.ts";
import { params as freezeParams } from "../../stages/freeze/mod.ts";
import { needsFloat32 } from "../../stages/freeze/precision.ts";
import { requireBfloat16 } from "../../stages/freeze/trunk.ts";
import type { PlanView } from "../../stages/stage.ts";
import { params as trainParams } from "../../stages/train/params.ts";

/** A plan with one `train` of these parameters. */
function view(train: Record<string, unknown> = {}): PlanView {
  const related = [{ name: "train", params: trainParams.parse(train) }];
  return { related: (kind: string) => kind === "train" ? related : [] } as unknown as PlanView;
}

const reason = (freeze: Record<string, unknown>, train?: Record<string, unknown>) =>
  needsFloat32(freezeParams.parse({ blocks: 6, precision: "bfloat16", ...freeze }), view(train));

Deno.test("bfloat16 is refused where no activations of frozen blocks are computed in advance", () => {
  strictEqual(reason({}), undefined);
  match(reason({ features: "off" })!, /features is off/);
  match(reason({ embeddings: false })!, /embeddings are trained/);
  match(reason({ blocks: 0 })!, /there are none/);
  match(reason({}, { augment: { flip: 0.5 } })!, /train augments images/);
  strictEqual(reason({}, { augment: {} }), undefined);
});

Deno.test("float32 is the default", () => {
  strictEqual(freezeParams.parse({}).precision, "float32");
});

const engine = (name: Engine["name"], device: Engine["device"]): Engine => ({
  name,
  device,
  description: "",
  version: "",
  threads: 1,
});

Deno.test("bfloat16 is refused on engines and processors that can't, in one sentence and what to do", () => {
  for (
    const [bad, why] of [
      [engine("wasm", "cpu"), /the engine wasm has no such numbers/],
      [engine("tensorflow", "gpu"), /runs on a GPU/],
    ] as const
  ) {
    throws(() => requireBfloat16(bad), (error) => {
      ok(error instanceof UserError);
      match(error.message, why);
      match(error.hint!, /precision: float32/);
      return true;
    });
  }
});

Deno.test({
  name: "whether the processor has bfloat16 is what the kernel says too",
  ignore: hasBfloat16() === undefined,
  fn() {
    const flags = /^flags\s*:(.*)$/m.exec(Deno.readTextFileSync("/proc/cpuinfo"))![1].split(" ");
    strictEqual(hasBfloat16(), flags.includes("avx512_bf16") || flags.includes("amx_bf16"));
  },
});
