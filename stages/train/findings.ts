import type { Artifact, Finding } from "../stage.ts";
import { type HistoryFile, historyFile } from "./files.ts";
import { epochFindings } from "./findings/epochs.ts";
import { gapFindings } from "./findings/gap.ts";
import { stepFindings } from "./findings/steps.ts";

/** What the course of a training shows; rules and thresholds stand in docs/findings.md. */
export async function findings(artifact: Artifact): Promise<Finding[]> {
  return findingsOf(await artifact.json("history.json", historyFile));
}

/** The same of a history. */
export function findingsOf(history: HistoryFile): Finding[] {
  return [...epochFindings(history), ...gapFindings(history), ...stepFindings(history)];
}
