import { openEngine } from "../../engine/open.ts";

// The same tests, with the same tolerances, on the engine that is there where TensorFlow is not, on
// two threads.
await openEngine({ name: "wasm", threads: 2 });
await import("./model_test.ts");
await import("./ops_test.ts");
await import("./trajectory_test.ts");
await import("./baselines/baselines_test.ts");
if (Deno.env.get("VITRINE_LONG_TESTS")) {
  await import("./families_test.ts");
  await import("./training_options_test.ts");
}
