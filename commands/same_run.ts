import { shellWord } from "../base/shell.ts";
import { shortPath } from "../pipeline/config_file.ts";

/** What a run was asked for, beside its config. */
export interface Asked {
  /** Absolute path of the config. */
  readonly config: string;
  /** `--set`, in order. */
  readonly set: readonly string[];
  readonly name?: string;
  /** The point, where the config has a sweep. */
  readonly point?: string;
}

/** The line that, typed into a shell, makes the same run again. */
export function commandOf({ config, set, name, point }: Asked): string {
  const words = [
    ...["deno", "task", "run", shortPath(config)],
    ...set.flatMap((setting) => ["--set", setting]),
    ...(name === undefined ? [] : ["--name", name]),
    ...(point === undefined ? [] : ["--point", point]),
  ];
  return words.map(shellWord).join(" ");
}
