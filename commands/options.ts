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
