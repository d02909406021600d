import { dirname, join } from "node:path";

/** Where a project's store is. @param project Absolute path of its folder. */
export function storePath(project: string): string {
  return join(project, "outputs", ".store");
}

/** Where a lock file of a store is. */
export function lockPath(store: string, name: string): string {
  return join(store, "locks", name);
}

/** Name of the lock that whoever makes an artifact holds alone. */
export function buildLock(kind: string, key: string): string {
  return `${kind}-${key}.lock`;
}

/** Name of the lock that all who use an artifact share. */
export function useLock(kind: string, key: string): string {
  return `${kind}-${key}.use`;
}

/** Name of the lock that whoever changes a run's folder holds alone. @param run With `/` for a point. */
export function runLock(run: string): string {
  return `run-${run.replaceAll("/", "+")}.lock`;
}

/** Name of the lock that all who work at a run share. */
export function runningLock(run: string): string {
  return `running-${run.replaceAll("/", "+")}.lock`;
}

/** The runs that a lock may be of; undefined where it is not a run's. */
export function runsOfLock(name: string): string[] | undefined {
  const [, run] = /^run(?:ning)?-(.+)\.lock$/.exec(name) ?? [];
  return run === undefined ? undefined : [run, run.replaceAll("+", "/")];
}

/**
 * Where an artifact is made.
 * @param token Of the lease of whoever makes it. One who stood still and lost it then writes where
 * nobody reads, and not into what others make.
 */
export function scratchPath(store: string, kind: string, key: string, token?: string): string {
  return join(store, "scratch", `${kind}-${key}${token === undefined ? "" : `.${token}`}`);
}

/** Where what is fetched lies until it is whole. @param output The output in scratch. */
export function fetchedPath(output: string): string {
  return join(dirname(output), "fetched");
}

/** Where it is noted which artifacts are in a shared store. @param address Digest of where that is. */
export function sharedPath(store: string, address: string): string {
  return join(store, "memo", "shared", address);
}

/** Kind and key in a name that begins with both: of scratch, of a lock. */
export function splitName(name: string): { kind: string; key: string } | undefined {
  const [, kind, key] = /^([\w-]+)-([0-9a-f]{64})(?:\.\w+)?$/.exec(name) ?? [];
  return key === undefined ? undefined : { kind, key };
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
