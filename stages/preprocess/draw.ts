import { openSafetensors } from "../../base/safetensors.ts";
import { beforeAfter } from "../../figures/before_after.ts";
import { channelHistograms } from "../../figures/channel_histograms.ts";
import { classBalance } from "../../figures/class_balance.ts";
import { patchGrid } from "../../figures/patch_grid.ts";
import { unstack } from "../../figures/picture.ts";
import type { Artifact, FigureSpec } from "../stage.ts";
import { datasetFile, SAMPLES, SPLITS } from "./files.ts";

/** Images before and after, the patch grid, class balance, channel histograms. */
export async function draw(artifact: Artifact): Promise<FigureSpec[]> {
  const dataset = await artifact.json("dataset.json", datasetFile);
  using file = await openSafetensors(artifact.file(SAMPLES));
  const after = unstack(file.read("after"), file.info("after").shape);
  const labels = new Int32Array(file.read("labels").buffer);
  const samples = after.map((picture, i) => {
    const [height, width] = file.info(`before.${i}`).shape;
    return {
      label: dataset.classes[labels[i]],
      before: { height, width, data: file.read(`before.${i}`) },
      after: picture,
    };
  });
  const { patch_size: patch, resample } = dataset.transform;
  const first = samples[0];
  return [
    ...(first ? [beforeAfter(samples, resample)] : []),
    ...(first && patch ? [patchGrid(first.after, patch, first.label)] : []),
    classBalance(
      dataset.classes,
      SPLITS.map((split) => ({ split, counts: dataset.splits[split] })),
    ),
    channelHistograms(dataset.statistics.before, dataset.statistics.after),
  ];
}
