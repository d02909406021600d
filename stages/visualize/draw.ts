import { openSafetensors } from "../../base/safetensors.ts";
import { attentionOver } from "../../figures/attention.ts";
import { attentionByBlock } from "../../figures/attention_by_block.ts";
import { unstack } from "../../figures/picture.ts";
import type { Artifact, FigureSpec } from "../stage.ts";
import { drawMovement } from "./draw_movement.ts";
import { ATTENTION, attentionFile } from "./files.ts";

/** Attention over each image, then its distance and entropy by block and head. */
export async function draw(artifact: Artifact): Promise<FigureSpec[]> {
  const about = await artifact.json("attention.json", attentionFile);
  const { classes, grid, heads, measured } = about;
  const patches = grid[0] * grid[1];
  using file = await openSafetensors(artifact.file(ATTENTION));
  const images = unstack(file.read("images"), file.info("images").shape);
  const lastBlock = file.float32("last_block"); // [images, heads, patches]
  const rollout = file.float32("rollout"); // [images, patches]
  const maps = about.images.map(({ label, predicted, probability }, i) =>
    attentionOver({
      image: images[i],
      label: classes[label],
      predicted: classes[predicted],
      probability,
      grid,
      heads: Array.from({ length: heads }, (_, head) => row(lastBlock, i * heads + head, patches)),
      rollout: row(rollout, i, patches),
    }, i + 1)
  );
  return [
    ...maps,
    attentionByBlock({ kind: "distance", values: about.distance, images: measured }),
    attentionByBlock({ kind: "entropy", values: about.entropy, images: measured }),
    ...await drawMovement(artifact),
  ];
}

function row(data: Float32Array, index: number, length: number): Float32Array {
  return data.subarray(index * length, (index + 1) * length);
}
