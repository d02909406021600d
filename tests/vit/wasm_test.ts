import { openEngine } from "../../engine/open.ts";

// The same tests, with the same tolerances, on the engine that is there where TensorFlow is not.
await openEngine({ name: "wasm" });
await import("./model_test.ts");
await import("./ops_test.ts");
await import("./trajectory_test.ts");
await import("./baselines/baselines_test.ts");
