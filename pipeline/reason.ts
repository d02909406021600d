import { nameFiles } from "./changed_files.ts";
import { differencesOf } from "./difference.ts";
import { explainDifference, summarize } from "./explain.ts";
import { keyOf, type KeyRecord } from "./key.ts";
import type { Listing } from "./listing.ts";
import type { ArtifactRecord, RunRecord } from "./schemas.ts";
import type { PlannedStage } from "./types.ts";

/**
 * Says in words why a stage's artifact is not there.
 *
 * @param previous What the run's folder showed until now.
 * @param last The last `run.json`, which knows the key where the artifact itself is gone.
 * @param listingOf Files outside that a digest in a record stands for, where that is still known.
 */
export async function whyMissing(
  stage: PlannedStage,
  record: KeyRecord,
  previous: ArtifactRecord | undefined,
  last: RunRecord | undefined,
  listingOf: (digest: string) => Listing | undefined,
): Promise<string> {
  const key = await keyOf(record);
  if (previous !== undefined && previous.key !== key) {
    const sentences = explainDifference(previous.record, record, stage.name);
    const differences = differencesOf(previous.record, record);
    return summarize(nameFiles(sentences, stage, differences, listingOf));
  }
  const known = last?.stages.find(({ name }) => name === stage.name);
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
