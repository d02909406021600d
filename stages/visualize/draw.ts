import { openSafetensors } from "../../base/safetensors.ts";
import { attentionOver } from "../../figures/attention.ts";
import { attentionByBlock } from "../../figures/attention_by_block.ts";
import { faithfulnessCurves, faithfulnessGains } from "../../figures/faithfulness.ts";
import { unstack } from "../../figures/picture.ts";
import { sanityCheck } from "../../figures/sanity.ts";
import { evenDistance } from "../../vit/attention.ts";
import type { Artifact, FigureSpec } from "../stage.ts";
import { drawMovement } from "./draw_movement.ts";
import {
  ATTENTION,
  type AttentionFile,
  attentionFile,
  faithfulnessFile,
  sanityFile,
} from "./files.ts";

/** Maps over each image, distance and entropy by block and head, and what tests of the maps gave. */
export async function draw(artifact: Artifact): Promise<FigureSpec[]> {
  const about = await artifact.json("attention.json", attentionFile);
  const { before, measured: images } = about;
  return [
    ...await drawImages(artifact, about),
    attentionByBlock({
      kind: "distance",
      values: about.distance,
      before: before?.distance,
      even: evenDistance(about.grid, about.patch_size),
      images,
    }),
    attentionByBlock({
      kind: "entropy",
      values: about.entropy,
      before: before?.entropy,
      even: Math.log(about.tokens),
      images,
    }),
    ...await drawTests(artifact),
    ...await drawMovement(artifact),
  ];
}

async function drawImages(artifact: Artifact, about: AttentionFile): Promise<FigureSpec[]> {
  const { classes, grid, heads } = about;
  const patches = grid[0] * grid[1];
  using file = await openSafetensors(artifact.file(ATTENTION));
  const images = unstack(file.read("images"), file.info("images").shape);
  const lastBlock = file.float32("last_block"); // [images, heads, patches]
  const rollout = file.float32("rollout"); // [images, patches], as are the next two
  const relevance = file.float32("relevance");
  const relevanceOther = file.names.includes("relevance_other")
    ? file.float32("relevance_other")
    : undefined;
  return about.images.map((one, i) =>
    attentionOver({
      image: images[i],
      label: classes[one.label],
      predicted: classes[one.predicted],
      probability: one.probability,
      grid,
      heads: Array.from({ length: heads }, (_, head) => row(lastBlock, i * heads + head, patches)),
      rollout: row(rollout, i, patches),
      relevance: row(relevance, i, patches),
      ...(relevanceOther && one.other !== undefined && {
        other: {
          name: classes[one.other],
          probability: one.other_probability!,
          relevance: row(relevanceOther, i, patches),
        },
      }),
      highNorm: one.high_norm,
    }, i + 1)
  );
}

/** Of the tests that were asked for. */
async function drawTests(artifact: Artifact): Promise<FigureSpec[]> {
  const figures: FigureSpec[] = [];
  if (artifact.files.includes("faithfulness.json")) {
    const test = await artifact.json("faithfulness.json", faithfulnessFile);
    figures.push(faithfulnessCurves(test), faithfulnessGains(test));
  }
  if (artifact.files.includes("sanity.json")) {
    figures.push(sanityCheck(await artifact.json("sanity.json", sanityFile)));
  }
  return figures;
}

function row(data: Float32Array, index: number, length: number): Float32Array {
  return data.subarray(index * length, (index + 1) * length);
}
