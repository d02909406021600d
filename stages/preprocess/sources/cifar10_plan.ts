import { z } from "zod";
import { CIFAR10_CLASSES } from "../../../data/cifar10_classes.ts";
import type { PlannedDataset } from "./planned.ts";

export const cifar10Schema = z.literal("cifar10");

export const CIFAR10_PLAN: PlannedDataset = {
  called: "cifar10",
  files: false,
  classes: CIFAR10_CLASSES,
  own: { validation: false, test: true },
  fixedTest: true,
};
