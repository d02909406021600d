import { ok, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { openSafetensors } from "../../base/safetensors.ts";
import { minimise } from "../../vit/lbfgs.ts";
import { fitSoftmaxRegression, logitsOf, objective } from "../../vit/softmax_regression.ts";

const fixture = await openSafetensors(
  join(import.meta.dirname!, "../fixtures/training/probe.safetensors"),
);
const examples = {
  features: fixture.float32("features"),
  width: 8,
  labels: Int32Array.from(fixture.float32("labels")),
  classes: 5,
};
const L2 = 0.01; // as in make_probe.py
const STOP = { tolerance: 1e-9, iterations: 500 };

/** Fails where numbers differ by more than a tolerance, relative to the expected ones above 1. */
function assertClose(actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number) {
  strictEqual(actual.length, expected.length);
  for (let i = 0; i < expected.length; i++) {
    const allowed = tolerance * Math.max(1, Math.abs(expected[i]));
    ok(Math.abs(actual[i] - expected[i]) <= allowed, `${i}: ${actual[i]}, not ${expected[i]}`);
  }
}

Deno.test("multinomial logistic regression is PyTorch's", async () => {
  const fitted = await fitSoftmaxRegression(examples, L2, STOP);
  ok(fitted.search.converged);
  assertClose(fitted.weight, fixture.float32("weight"), 1e-6);
  assertClose([fitted.search.value], fixture.float32("objective"), 1e-6);
  const logits = logitsOf(fitted, examples);
  for (let i = 0; i < logits.length; i += 5) {
    const row = logits.slice(i, i + 5);
    const sum = Math.log(row.reduce((total, logit) => total + Math.exp(logit), 0));
    assertClose(
      row.map((logit) => logit - sum),
      fixture.float32("logits").slice(i, i + 5),
      2e-6,
    );
  }
});

Deno.test("the gradient agrees with differences", () => {
  const x = Float64Array.from({ length: 45 }, (_, i) => Math.sin(i));
  const small = { ...examples, features: examples.features.map((value) => Math.sin(value)) };
  const { gradient } = objective(x, small, 0.3);
  const differences = x.map((_, i) => {
    const at = (by: number) => objective(x.with(i, x[i] + by), small, 0.3).value;
    return (at(1e-5) - at(-1e-5)) / 2e-5;
  });
  assertClose(gradient, differences, 1e-8);
});

Deno.test("a search that is cut short says that it has not converged", async () => {
  const { search } = await fitSoftmaxRegression(examples, L2, { ...STOP, iterations: 2 });
  strictEqual(search.converged, false);
  strictEqual(search.iterations, 2);
  ok(search.largestGradient > STOP.tolerance);
});

Deno.test("a narrow valley is followed to its lowest point", async () => {
  // 1000 (x - 3)^2 + (x + y - 5)^2 is 0 at 3, 2 alone.
  const { x, converged } = await minimise(
    ([x, y]) => ({
      value: 1000 * (x - 3) ** 2 + (x + y - 5) ** 2,
      gradient: Float64Array.of(2000 * (x - 3) + 2 * (x + y - 5), 2 * (x + y - 5)),
    }),
    Float64Array.of(-10, 40),
    { tolerance: 1e-8, iterations: 100 },
  );
  ok(converged);
  assertClose(x, [3, 2], 1e-7);
});
