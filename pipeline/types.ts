import type { StageDefinition } from "../stages/stage.ts";
import type { ExecutorOptions, SharedStoreOptions } from "./elsewhere_schema.ts";
import type { ByRole } from "./roles.ts";
import type { statuses } from "./schemas.ts";

/** A stage of a config with everything filled in. */
export interface PlannedStage {
  /** Its name in the config and its folder in the run. */
  readonly name: string;
  readonly definition: StageDefinition;
  /** Absolute path of the folder's or file's `mod.ts` that defines it (its code digest starts there). */
  readonly module: string;
  /** Parameters with every default filled in. */
  readonly params: Record<string, unknown>;
  /**
   * Role to the name of the stage that it is read from, or to names for a role that takes many;
   * optional ones that are not there are absent.
   */
  readonly needs: ByRole<string>;
  /** Whether the seed is part of its key. */
  readonly usesSeed: boolean;
}

/** A config with every default filled in: what `run`, `--dry-run` and `explain` start from. */
export interface Plan {
  readonly name: string;
  /** Absolute path of the config. */
  readonly config: string;
  /** Nearest folder above the config with a deno.json. */
  readonly project: string;
  readonly seed: number;
  /** In an order in which every stage comes after those that it needs. */
  readonly stages: readonly PlannedStage[];
  /** Where the work may be done; part of no key. */
  readonly executor?: ExecutorOptions;
  /** Where artifacts are shared with other machines; part of no key. */
  readonly sharedStore?: SharedStoreOptions;
}

/** How a stage ended. */
export type Status = (typeof statuses)[number];

export type { Registry } from "../stages/stage.ts";
