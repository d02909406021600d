import { Interrupted, messageOf, UserError } from "../base/errors.ts";
import type { StoredArtifact } from "./artifact.ts";
import type { KeyRecord } from "./key.ts";
import type { PlannedStage, Status } from "./types.ts";

/** How a stage of a run ended. */
export interface StageResult {
  readonly name: string;
  readonly kind: string;
  /** Null where it could not be known. */
  readonly key: string | null;
  readonly status: Status;
  /** Why it ran, or why it did not. */
  readonly reason: string;
  readonly seconds: number;
  /** What went wrong, as people read it. */
  readonly error?: string;
}

/** A stage's result with what the stages after it, and `explain`, need. */
export interface Outcome extends StageResult {
  readonly artifact?: StoredArtifact;
  /** What its key is the digest of. */
  readonly record?: KeyRecord;
  /** What was thrown, for `--debug`. */
  readonly thrown?: unknown;
}

/** An outcome of a stage that was not begun. */
export function notBegun(stage: PlannedStage, status: Status, reason: string): Outcome {
  return { ...idOf(stage), key: null, status, reason, seconds: 0 };
}

/** An outcome of a stage that threw. */
export function thrownBy(
  stage: PlannedStage,
  thrown: unknown,
  known: { key: string | null; record?: KeyRecord; reason: string; seconds: number },
  signal: AbortSignal,
): Outcome {
  const common = { ...idOf(stage), ...known };
  if (thrown instanceof Interrupted || signal.aborted) {
    return { ...common, status: "interrupted", reason: "interrupted" };
  }
  const hint = thrown instanceof UserError && thrown.hint ? `\n${thrown.hint}` : "";
  return { ...common, status: "failed", error: messageOf(thrown) + hint, thrown };
}

/** Name and kind, as results have them. */
export function idOf(stage: PlannedStage): { name: string; kind: string } {
  return { name: stage.name, kind: stage.definition.kind };
}

/** An outcome without what only the runner needs. */
export function resultOf(outcome: Outcome): StageResult {
  const { name, kind, key, status, reason, seconds, error } = outcome;
  return { name, kind, key, status, reason, seconds, ...(error === undefined ? {} : { error }) };
}
