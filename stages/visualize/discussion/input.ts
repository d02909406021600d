import type { Finding } from "../../stage.ts";
import type { AttentionFile, DiscussionFile, FaithfulnessFile, SanityFile } from "../files.ts";
import type { MovementFile } from "../movement_file.ts";
import type { DrawnObservation, Observation } from "../observe.ts";

/** What the discussion is written from: what the stage publishes, and what it saw of each image. */
export interface DiscussionInput {
  readonly attention: AttentionFile;
  /** Of the images that are drawn, in the order of attention.json. */
  readonly drawn: readonly Pick<DrawnObservation, "lastBlock" | "rollout">[];
  /** Of the images that are measured. */
  readonly measured: readonly Pick<Observation, "distance" | "entropy">[];
  /** The same images before fine-tuning, in the same order. */
  readonly before?: readonly Pick<Observation, "distance" | "entropy">[];
  /** Numbers of the measured images. */
  readonly images: DiscussionFile["images"];
  readonly faithfulness?: FaithfulnessFile;
  readonly sanity?: SanityFile;
  readonly movement?: MovementFile;
}

/** A part of the discussion: findings under a heading. */
export interface Part {
  readonly title: string;
  find(input: DiscussionInput): Finding[];
}
