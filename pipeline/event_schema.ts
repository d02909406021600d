import { z } from "zod";
import { statuses } from "./schemas.ts";

// Apart from the other schemas: a run writes events and never parses them.

const time = { time: z.iso.datetime() };

/** One line of `events.jsonl` and of `--json`. */
export const eventSchema = z.discriminatedUnion("type", [
  z.strictObject({
    ...time,
    type: z.literal("run-started"),
    name: z.string(),
    config: z.string(),
    stages: z.array(z.string()),
    seed: z.int().optional(),
    graph: z.array(z.strictObject({
      name: z.string(),
      kind: z.string(),
      needs: z.record(z.string(), z.union([z.string(), z.array(z.string())])).describe(
        "Role to the stage that it is read from, or to stages",
      ),
      parameters: z.record(z.string(), z.unknown()),
    })).optional().describe("Every stage, in order, before any has begun"),
  }),
  z.strictObject({
    ...time,
    type: z.literal("stage-started"),
    stage: z.string(),
    kind: z.string(),
    key: z.string(),
    reason: z.string(),
  }),
  z.strictObject({
    ...time,
    type: z.literal("waiting"),
    stage: z.string(),
    pid: z.int().nullable().describe("Process that holds the lock"),
    host: z.string().optional().describe("Where that process is, if on another host"),
    for: z.string().describe("What is waited for"),
  }),
  z.strictObject({
    ...time,
    type: z.literal("progress"),
    stage: z.string(),
    done: z.number(),
    total: z.number(),
    unit: z.string(),
    detail: z.string().optional(),
    rate: z.number().describe("Units a second over the last seconds"),
    left: z.number().nullable().describe("Seconds left at that rate"),
  }),
  z.strictObject({ ...time, type: z.literal("line"), stage: z.string(), text: z.string() }),
  z.strictObject({
    ...time,
    type: z.literal("warning"),
    stage: z.string().nullable(),
    text: z.string(),
  }),
  z.strictObject({
    ...time,
    type: z.literal("figures"),
    stage: z.string(),
    names: z.array(z.string()),
  }),
  z.strictObject({
    ...time,
    type: z.literal("part-finished").describe("Where a worker makes parts of a stage's work alone"),
    stage: z.string(),
    part: z.int().describe("Counts from 0"),
    of: z.int(),
    seconds: z.number(),
  }),
  z.strictObject({
    ...time,
    type: z.literal("stage-finished"),
    stage: z.string(),
    kind: z.string(),
    status: z.enum(statuses),
    key: z.string().nullable(),
    reason: z.string(),
    seconds: z.number(),
    error: z.string().optional(),
  }),
  z.strictObject({
    ...time,
    type: z.literal("run-finished"),
    name: z.string(),
    exit: z.int(),
    seconds: z.number(),
    folder: z.string(),
  }),
]);
