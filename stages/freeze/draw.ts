import { trainableByPart } from "../../figures/trainable.ts";
import type { Artifact, FigureSpec } from "../stage.ts";
import { trainableFile } from "./files.ts";

/** Frozen and trainable parameters by part of the model. */
export async function draw(artifact: Artifact): Promise<FigureSpec[]> {
  const { tensors } = await artifact.json("trainable.json", trainableFile);
  const parts = new Map<string, { part: string; frozen: number; trainable: number }>();
  for (const { part, shape, status } of tensors) {
    const sums = parts.get(part) ?? { part, frozen: 0, trainable: 0 };
    sums[status] += shape.reduce((a, b) => a * b, 1);
    parts.set(part, sums);
  }
  return [trainableByPart([...parts.values()].toSorted((a, b) => place(a.part) - place(b.part)))];
}

/** Parts from the input up, in whatever order the checkpoint has its tensors. */
function place(part: string): number {
  if (part === "embeddings") return -1;
  const block = part.match(/^block (\d+)$/);
  if (block) return Number(block[1]);
  return part === "head" ? Infinity : Number.MAX_SAFE_INTEGER;
}
