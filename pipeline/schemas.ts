import { z } from "zod";

/** SHA-256 in hexadecimal. */
const digest = z.string().regex(/^[0-9a-f]{64}$/);

/** How a stage can end, or would. */
export const statuses = [
  "fresh",
  "restored",
  "ran",
  "resumed",
  "redrawn",
  "failed",
  "skipped",
  "interrupted",
  "not reached",
  "may run",
  "would run",
] as const;

/** `artifact.json`: what an artifact is, and all that is known of how it was made. */
export const artifactSchema = z.strictObject({
  format: z.int().describe("Number of the store's layout"),
  kind: z.string().describe("Kind of the stage that made it, and its folder in the store"),
  key: digest.describe("SHA-256 of the record, as JSON with keys in order and no spaces"),
  record: z.looseObject({ kind: z.string() }).describe("Everything that the result depends on"),
  content: digest.describe("SHA-256 over the name, size and digest of every file"),
  files: z.record(z.string(), z.strictObject({ size: z.int().min(0), sha256: digest })),
  made: z.looseObject({
    started: z.iso.datetime().describe("When the run that published it began with it"),
    seconds: z.number().min(0).describe("How long that took"),
  }).describe("Clock, host, engine, paths: what the result does not depend on"),
});

/** Contents of `artifact.json`. */
export type ArtifactRecord = z.infer<typeof artifactSchema>;

/** One stage in `run.json`. */
export const runStageSchema = z.strictObject({
  name: z.string(),
  kind: z.string(),
  key: digest.nullable().describe("null where it could not be known"),
  status: z.enum(statuses),
  reason: z.string().describe("Why it ran, or why it did not"),
  seconds: z.number().min(0),
  error: z.string().optional(),
});

/** `run.json`: what a run did. */
export const runSchema = z.strictObject({
  name: z.string(),
  config: z.string().describe("Path of the config, relative to the project where it is inside"),
  parameters: z.record(z.string(), z.record(z.string(), z.unknown())).describe(
    "Every parameter by stage, defaults filled in",
  ),
  seed: z.int(),
  engine: z.string().nullable().describe("What executed tensor operations; null where nothing did"),
  started: z.iso.datetime(),
  seconds: z.number().min(0),
  stages: z.array(runStageSchema),
});

/** Contents of `run.json`. */
export type RunRecord = z.infer<typeof runSchema>;

/** `figures.json`, beside the pictures of a stage. */
export const figuresSchema = z.array(
  z.strictObject({
    name: z.string().describe("File name without ending"),
    title: z.string(),
    description: z.string().describe("What it shows, in words"),
  }),
);
