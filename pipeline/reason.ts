import { explainDifference, summarize } from "./explain.ts";
import { keyOf, type KeyRecord } from "./key.ts";
import type { ArtifactRecord, RunRecord } from "./schemas.ts";

/**
 * Says in words why a stage's artifact is not there.
 *
 * @param previous What the run's folder showed until now.
 * @param last The last `run.json`, which knows the key where the artifact itself is gone.
 */
export async function whyMissing(
  stage: string,
  record: KeyRecord,
  previous: ArtifactRecord | undefined,
  last: RunRecord | undefined,
): Promise<string> {
  const key = await keyOf(record);
  if (previous !== undefined && previous.key !== key) {
    return summarize(explainDifference(previous.record, record, stage));
  }
  const known = last?.stages.find(({ name }) => name === stage);
  if (previous !== undefined || known?.key === key) {
    if (known?.status === "interrupted") return "it was interrupted";
    if (known?.status === "failed") return "it failed the last time";
    return "its artifact is no longer in the store";
  }
  return "first run";
}

/** Says why a stage's figures are not there. */
export function whyNotDrawn(record: KeyRecord, previous: ArtifactRecord | undefined): string {
  if (previous === undefined) return "its figures were not drawn yet";
  const differences = explainDifference(previous.record, record, "figures");
  return differences.length > 0 ? summarize(differences) : "its figures are no longer in the store";
}
