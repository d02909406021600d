import { beforeAfter } from "../../../figures/before_after.ts";
import { channelHistograms } from "../../../figures/channel_histograms.ts";
import { classBalance } from "../../../figures/class_balance.ts";
import { patchGrid } from "../../../figures/patch_grid.ts";
import { squares } from "./pictures.ts";

const COUNTS = [[4, 2, 6, 1], [1, 5, 3, 4], [2, 2, 7, 2]];

/** What preprocess draws. */
export const DATA = [
  beforeAfter([
    { label: "cat", before: squares(4, 3), after: squares(8, 8) },
    { label: "dog", before: squares(2, 4), after: squares(8, 8) },
  ], "bilinear"),
  patchGrid(squares(6, 4), [2, 2], "cat"),
  classBalance(["cat", "dog", "frog"], [
    { split: "train", counts: [30, 20, 25] },
    { split: "validation", counts: [3, 2, 0] },
  ]),
  channelHistograms(
    {
      mean: [125.3, 122.9, 113.1],
      std: [63, 61.8, 66.4],
      histogram: { from: 0, to: 256, counts: COUNTS },
    },
    {
      mean: [-0.02, -0.03, -0.11],
      std: [0.48, 0.47, 0.51],
      histogram: { from: -1, to: 1, counts: COUNTS },
    },
  ),
];
