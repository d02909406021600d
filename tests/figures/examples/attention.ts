import { attentionOver } from "../../../figures/attention.ts";
import { attentionByBlock } from "../../../figures/attention_by_block.ts";
import { attentionOverlay } from "../../../figures/attention_overlay.ts";
import { faithfulnessCurves, faithfulnessGains } from "../../../figures/faithfulness.ts";
import { sanityCheck } from "../../../figures/sanity.ts";
import { squares } from "./pictures.ts";

const SEEN = {
  predicted: "dog",
  probability: 0.75,
  grid: [2, 2] as const,
  rollout: [0.4, 0.1, 0.2, 0.1],
};

const measure = (curve: number[], area: number, mean: number | null) => ({
  curve,
  area,
  gain: mean === null ? null : spread(mean),
});

function spread(mean: number, half = 0.05) {
  return { mean, interval: [mean - half, mean + half] as [number, number] };
}

/** A map that is better than random order, and one that is no better as far as can be told. */
const TEST = {
  images: 20,
  removed: "mean" as const,
  fractions: [0, 0.5, 1],
  methods: [
    {
      method: "relevance",
      deletion: measure([0.8, 0.25, 0.1], 0.35, 0.2),
      insertion: measure([0.1, 0.75, 0.8], 0.6, 0.1),
    },
    {
      method: "rollout",
      deletion: measure([0.8, 0.5, 0.1], 0.475, 0.0325),
      insertion: measure([0.1, 0.5, 0.8], 0.475, -0.02),
    },
    {
      method: "random",
      deletion: measure([0.8, 0.625, 0.1], 0.5375, null),
      insertion: measure([0.1, 0.5625, 0.8], 0.506, null),
    },
  ],
};

/** What visualize draws, and predict for an image that nobody has labelled. */
export const ATTENTION = [
  attentionOver({
    ...SEEN,
    image: {
      width: 2,
      height: 2,
      data: Uint8Array.of(255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 255),
    },
    label: "cat",
    heads: [[0.1, 0.2, 0.3, 0.4], [0.25, 0.25, 0.25, 0.25]],
    relevance: [0, 3, 1, 0],
    other: { name: "cat", probability: 0.25, relevance: [0, 0, 0, 0] },
    highNorm: [3],
  }, 1),
  attentionOverlay({
    ...SEEN,
    image: squares(6, 4),
    file: "a dog in the garden.jpg",
    lastBlock: [0.7, 0.1, 0.1, 0.05],
  }),
  attentionByBlock({
    kind: "distance",
    values: [[12, 20, 31], [25, 28, 30]],
    before: [[12, 20, 31], [22, 30, 36]],
    even: 33.4,
    images: 128,
  }),
  attentionByBlock({ kind: "entropy", values: [[1.5, 2.25], [2.5, 2.75]], even: 3, images: 1 }),
  faithfulnessCurves(TEST),
  faithfulnessGains(TEST),
  sanityCheck({
    images: 20,
    shuffled: ["head", "block 1"],
    methods: [
      { method: "relevance", correlation: [spread(0.5), spread(0.1)] },
      { method: "rollout", correlation: [spread(1, 0), spread(0.7)] },
    ],
  }),
];
