import { attentionArrows } from "../../figures/attention_arrows.ts";
import { attentionMatrices } from "../../figures/attention_matrices.ts";
import { costOverLength, type CostPanel } from "../../figures/cost_over_length.ts";
import { count, rounded } from "../../figures/figure.ts";
import { measuredAccuracy } from "../../figures/measured_accuracy.ts";
import { accuracyByData, accuracyByImagesSeen } from "../../figures/measured_runs.ts";
import { patchGrid } from "../../figures/patch_grid.ts";
import { accuracyByPatch, accuracyByShift } from "../../figures/robustness.ts";
import type { Artifact, FigureSpec } from "../stage.ts";
import { type CostName, COSTS, FAMILIES, FAMILY_NAMES } from "./costs.ts";
import { RESULT, type ResultFile, resultFile } from "./files.ts";
import { dataPoints, learningPoints, robustnessPoints } from "./measured_runs.ts";
import { landscape } from "./picture.ts";

/** The grid of patches, attention as matrices and as arrows, costs over length, what was measured. */
export async function draw(artifact: Artifact): Promise<FigureSpec[]> {
  const { patches, attention, comparison, measured } = await artifact.json(RESULT, resultFile);
  const arrows = attentionArrows(attention.weights);
  return [
    patchGrid(landscape(patches.image), patches.patch, "a drawn landscape", patches.image),
    attentionMatrices(matricesOf(attention), {
      scaled: attention.scaled,
      patches: attention.queries.length,
    }),
    ...(arrows ? [arrows] : []),
    drawCosts(comparison.setting),
    ...(measured.length > 0 ? [measuredAccuracy(measured), ...drawRuns(measured)] : []),
  ];
}

/** Accuracy against images seen, moved images, shuffled patches and data, where it was measured. */
function drawRuns(measured: ResultFile["measured"]): FigureSpec[] {
  const { images, classes } = measured[0];
  const seen = learningPoints(measured);
  const { shifts, patches, counts } = robustnessPoints(measured);
  const data = dataPoints(measured);
  const source = {
    prefix: "measured-",
    images,
    classes: classes.length,
    note: "one training each",
  };
  const visits = measured.flatMap(({ training }) => training?.epochs.at(-1)?.images_seen ?? []);
  return [
    ...(seen.length > 0 ? [accuracyByImagesSeen(seen, classes.length)] : []),
    ...(shifts.length > 0 ? [accuracyByShift(shifts, source)] : []),
    ...(patches.length > 0 ? [accuracyByPatch(patches, counts, source)] : []),
    ...(data.length > 0
      ? [
        accuracyByData(data, {
          images,
          classes: classes.length,
          seen: [Math.min(...visits), Math.max(...visits)],
        }),
      ]
      : []),
  ];
}

function matricesOf(attention: ResultFile["attention"]) {
  const { queries, keys, values, scores, weights, outputs } = attention;
  const [row, column] = ["patch", "number"];
  return [
    { title: "queries q = W_Q p", rows: queries, row, column },
    { title: "keys k = W_K p", rows: keys, row, column },
    { title: "values v = W_V p", rows: values, row, column },
    {
      title: attention.scaled ? "scores q · k / √d_k" : "scores q · k",
      rows: scores,
      row: "query of patch",
      column: "key of patch",
    },
    { title: "weights: softmax", rows: weights, row, column: "attends to patch" },
    { title: "outputs: weights × values", rows: outputs, row, column },
  ];
}

const PANELS: readonly { name: CostName; title: string; unit: string }[] = [
  { name: "multiply_adds", title: "Work of a layer", unit: "multiply-adds" },
  { name: "activations", title: "Memory for the backward pass", unit: "numbers kept" },
  { name: "path_length", title: "Longest path between two positions", unit: "layers or steps" },
  { name: "sequential_steps", title: "Steps that wait for each other", unit: "steps" },
];

function drawCosts(setting: ResultFile["comparison"]["setting"]): FigureSpec {
  const { n, d, k, heads } = setting;
  const most = Math.max(14, Math.ceil(Math.log2(n)) + 1);
  const lengths = [
    ...new Set([...Array.from({ length: most }, (_, i) => 2 ** (i + 1)), Math.max(1, n)]),
  ].toSorted((a, b) => a - b);
  const panels = PANELS.map(({ name, title, unit }): CostPanel => ({
    title,
    unit,
    values: FAMILIES.flatMap((family) =>
      lengths.map((length) => ({
        family: FAMILY_NAMES[family],
        n: length,
        value: rounded(COSTS[name][family].of({ ...setting, n: length })),
      }))
    ),
  }));
  return costOverLength(panels, {
    n,
    text: `d = ${count(d)}, k = ${count(k)}, h = ${count(heads)}`,
  });
}
