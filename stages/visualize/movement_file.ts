import { z } from "zod";
import { ROLES } from "../../vit/movement.ts";

const alike = z.number().nullable();

/** `movement.json`: what fine-tuning did to the weights and to what the blocks compute. */
export const movementFile = z.strictObject({
  weights: z.array(z.strictObject({
    part: z.string().describe('"embeddings", "block 0" and so on from below, "norm"'),
    role: z.enum(ROLES).nullable().describe("Of a block's tensors; null: the part as a whole"),
    distance: z.number().describe("Norm of the difference"),
    relative: z.number().nullable().describe("The same by the norm before; null where that is 0"),
  })).describe("How far each part moved; the head is left out"),
  images: z.int().nonnegative().describe("Test images that likeness is measured on"),
  after: z.array(z.string()).describe(
    'Where representations are compared: "embeddings", "block 0" and so on',
  ),
  class_token: z.array(z.array(alike)).describe(
    "Linear CKA without bias of the class token, [before][after]: row i of the model before fine-tuning, column j of that after; null where it is the same for all images",
  ),
  patches: z.array(z.array(alike)).describe("The same of the mean of an image's patches"),
});
export type MovementFile = z.infer<typeof movementFile>;
