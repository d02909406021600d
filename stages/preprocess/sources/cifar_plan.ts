import { z } from "zod";
import { CIFAR10_CLASSES } from "../../../data/cifar10_classes.ts";
import { CIFAR100_CLASSES, CIFAR100_SUPERCLASSES } from "../../../data/cifar100_classes.ts";
import type { PlannedDataset } from "./planned.ts";

export const cifarSchema = z.enum(["cifar10", "cifar100"]);
export const cifar100Schema = z.strictObject({
  cifar100: z.enum(["fine", "coarse"])
    .describe("CIFAR-100 with its 100 classes (as cifar100 alone) or its 20 superclasses"),
});

export type Cifar = z.infer<typeof cifarSchema> | z.infer<typeof cifar100Schema>;

export function planCifar(dataset: Cifar): PlannedDataset {
  return {
    called: dataset === "cifar10" ? "cifar10" : "cifar100",
    files: false,
    classes: dataset === "cifar10"
      ? CIFAR10_CLASSES
      : dataset === "cifar100" || dataset.cifar100 === "fine"
      ? CIFAR100_CLASSES
      : CIFAR100_SUPERCLASSES,
    own: { validation: false, test: true },
    fixedTest: true,
  };
}
