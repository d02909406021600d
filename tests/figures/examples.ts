import { ATTENTION } from "./examples/attention.ts";
import { COMPARISONS } from "./examples/comparisons.ts";
import { DATA } from "./examples/data.ts";
import { MEASURED } from "./examples/measured.ts";
import { MODEL } from "./examples/model.ts";
import { TEST } from "./examples/test.ts";
import { THEORY } from "./examples/theory.ts";
import { TRAINING } from "./examples/training.ts";
import { WORKERS } from "./examples/workers.ts";

/**
 * A small figure of each function that makes one. The specs and pictures that are committed, and the
 * tests of what holds for every figure, are of these: a new figure takes one line in a file of
 * examples/, then `deno run -A tests/figures/write_specs.ts`.
 */
export const EXAMPLES = [
  ...DATA,
  ...MODEL,
  ...TRAINING,
  ...TEST,
  ...ATTENTION,
  ...THEORY,
  ...COMPARISONS,
  ...MEASURED,
  ...WORKERS,
];
