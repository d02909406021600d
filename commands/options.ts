import { EXECUTORS } from "../executors/plan.ts";
import type { Option } from "./cli.ts";

/** Options that several commands have: each means the same everywhere. */
export const SET_OPTION: Option = {
  name: "set",
  value: "PATH=VALUE",
  repeat: true,
  description: "Override one value: train.epochs=3",
};

export const NAME_OPTION: Option = {
  name: "name",
  value: "NAME",
  description: "Folder under outputs/; default: the config's name",
};

export const ENGINE_OPTION: Option = {
  name: "engine",
  value: "ENGINE",
  choices: ["auto", "tensorflow", "webgpu", "wasm"],
  description: "What executes tensor operations",
};

export const THREADS_OPTION: Option = {
  name: "threads",
  value: "N",
  range: [1, 1024],
  description: "Threads of the engine; default: one a core",
};

/** Where the work is done: read by `run` alone. */
export const EXECUTOR_OPTIONS: readonly Option[] = [
  {
    name: "executor",
    value: "EXECUTOR",
    choices: EXECUTORS,
    description: "Have it done elsewhere; the same command again says how it stands, and collects",
  },
  {
    name: "resubmit",
    description: "With --executor: submit tasks again of which nothing is known",
  },
];
