import { ok } from "node:assert/strict";
import { runTrajectories } from "./trajectories.ts";

/** What float32 on another backend can keep: README of the golden fixtures. */
const TOLERANCES: Record<string, number> = {
  learning_rate: 1e-9,
  loss: 2e-4,
  grad_norm: 2e-3,
  images: 1 + 1e-4,
  weights: 5e-4,
  test_logits: 1e-3,
};

Deno.test("configs give the trajectories of PyTorch, with features and without", async (t) => {
  for (const { name, features, differences } of await runTrajectories(["off", "float32"])) {
    await t.step(`${name}, features ${features}`, () => {
      for (const [what, difference] of Object.entries(differences)) {
        ok(difference <= TOLERANCES[what], `${what} differs by ${difference}`);
      }
    });
  }
});
