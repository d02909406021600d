import { z } from "zod";
import { executorSchema, sharedStoreSchema } from "./elsewhere_schema.ts";
import { sweepSchema } from "./sweep.ts";

/** Largest seed: random streams start from 32 bits. */
const LARGEST_SEED = 2 ** 32 - 1;

/**
 * A name that is also a folder below `outputs/`: it can't leave it, hide, or be refused by a file
 * system. Up to 100 letters, digits, dots, underscores and hyphens, no dot first.
 */
export const PLAIN_NAME = /^(?!\.)[A-Za-z0-9._-]{1,100}$/;

/** The rule of {@linkcode PLAIN_NAME} as the second half of a sentence. */
export const PLAIN_NAME_RULE = "it must be letters, digits, dots, underscores and hyphens, " +
  "at most 100, with no dot first";

/** A folder's name. */
export const plainName = z.string().regex(PLAIN_NAME, { error: PLAIN_NAME_RULE });

/** The keys of every stage, beside its own parameters. */
export const reservedSchema = z.strictObject({
  uses: z.string().min(1).optional().describe(
    "The stage's kind, or a module of your own (./stages/my_stage.ts); default: its name",
  ),
  needs: z.record(z.string(), z.union([z.string(), z.array(z.string()), z.null()])).optional()
    .describe(
      "Which stage each input is read from, where several could be (a list of names for an input that takes many); null: none, for an input that may be missing",
    ),
});

/** The top of a config. What a stage holds is checked by the stage's own schema. */
export const configSchema = z.strictObject({
  name: plainName.optional().describe("The run's folder in outputs/; default: the file's name"),
  seed: z.int().min(0).max(LARGEST_SEED).default(42).describe("Where all random numbers start"),
  extends: z.string().min(1).optional().describe(
    "Another config, relative to this one, that this one is laid over",
  ),
  stages: z.record(z.string(), z.unknown()).describe("The stages by name, in any order"),
  sweep: sweepSchema.optional().describe("Runs the config once for each point"),
  executor: executorSchema.optional().describe("Where --executor runs the work; part of no key"),
  store: sharedStoreSchema.optional().describe(
    "Where artifacts are shared with other machines; part of no key",
  ),
});
