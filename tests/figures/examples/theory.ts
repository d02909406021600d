import { attentionArrows } from "../../../figures/attention_arrows.ts";
import { attentionMatrices } from "../../../figures/attention_matrices.ts";
import { costOverLength } from "../../../figures/cost_over_length.ts";
import { measuredAccuracy } from "../../../figures/measured_accuracy.ts";

const [row, column] = ["patch", "number"];
const WEIGHTS = [[0.75, 0.25], [0.9999, 0.0001]];
const FAMILIES = [["CNN", 1], ["RNN", 2], ["Transformer", 3]] as const;

/** What worked-example draws. */
export const THEORY = [
  attentionMatrices([
    { title: "queries q = W_Q p", rows: [[1, -2.5], [0, 4]], row, column },
    { title: "weights: softmax", rows: WEIGHTS, row, column: "attends to patch" },
  ], { scaled: true, patches: 2 }),
  attentionArrows(WEIGHTS)!,
  costOverLength(
    ([["Work of a layer", "multiply-adds", 1], ["Longest path", "steps", 0]] as const).map(
      ([title, unit, least]) => ({
        title,
        unit,
        values: FAMILIES.flatMap(([family, power]) =>
          [4, 16, 64].map((n) => ({ family, n, value: n ** (power - 1 + least) }))
        ),
      }),
    ),
    { n: 16, text: "d = 192, k = 3, h = 3" },
  ),
  measuredAccuracy([
    { label: "CNN", parameters: 200_000, images: 500, accuracy: 0.62, interval: [0.577, 0.662] },
    { label: "ViT", parameters: 201_000, images: 500, accuracy: 0.48, interval: [0.437, 0.524] },
  ]),
];
