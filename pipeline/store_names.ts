import { join } from "node:path";

/** Where a project's store is. @param project Absolute path of its folder. */
export function storePath(project: string): string {
  return join(project, "outputs", ".store");
}

/** Names in the store that hold no artifacts. */
const RESERVED = ["scratch", "locks", "memo", "aside", "format"];

/** Whether a word can be a folder of artifacts in the store. */
export function isStoreKind(word: string): boolean {
  return /^[A-Za-z0-9][\w-]{0,99}$/.test(word) && !RESERVED.includes(word);
}

/** Whether a word can be the kind of a stage, which is a folder in the store. */
export function isStageKind(word: string): boolean {
  return isStoreKind(word) && word !== "figures"; // where those of all stages are
}

/** The rule of {@linkcode isStageKind} as the second half of a sentence. */
export const STAGE_KIND_RULE = "it must be letters, digits, hyphens and underscores, " +
  `and none of ${RESERVED.join(", ")} and figures`;
