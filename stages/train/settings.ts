import type { OptimizerSettings } from "../../vit/optimizer.ts";
import type { Schedule } from "../../vit/schedule.ts";
import type { TrainParams } from "./params.ts";

/** The config's optimizer in the words of vit/. */
export function optimizerOf({ optimizer }: TrainParams): OptimizerSettings {
  const { weight_decay: weightDecay } = optimizer;
  return optimizer.name === "adamw"
    ? { name: "adamw", weightDecay, betas: optimizer.betas, epsilon: optimizer.epsilon }
    : { name: "sgd", weightDecay, momentum: optimizer.momentum };
}

/** The config's schedule in the words of vit/. */
export function scheduleOf({ schedule }: TrainParams): Schedule {
  return { name: schedule.name, warmupRatio: schedule.warmup_ratio };
}
