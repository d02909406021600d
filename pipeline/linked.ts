import { dirname, join, relative, resolve } from "node:path";
import { ARTIFACT_FILE } from "./artifact.ts";
import type { Store } from "./store.ts";

/** Run folders are at most `SWEEP/POINT/STAGE/figures` deep; names of runs may have a slash more. */
const DEEPEST = 6;

/**
 * The artifacts that run folders show, and those that these were made with, as `KIND/KEY`.
 *
 * @param outputs Absolute path of the project's `outputs/`.
 */
export function linkedArtifacts(store: Store, outputs: string): Set<string> {
  const found = new Set<string>();
  for (const path of artifactFiles(store, outputs, DEEPEST)) {
    const link = store.disk.readLink(path);
    if (link !== undefined) {
      const target = relative(store.path, resolve(dirname(path), dirname(link)));
      found.add(target.replaceAll("\\", "/"));
    }
    // Read too: where the disk has no links it is a copy.
    for (const name of namesIn(store.disk.readText(path))) found.add(name);
  }
  return found;
}

function* artifactFiles(store: Store, folder: string, depth: number): Generator<string> {
  for (const { name, isDirectory } of store.disk.list(folder)) {
    const path = join(folder, name);
    if (name === ARTIFACT_FILE) yield path;
    else if (isDirectory && depth > 0 && path !== store.path) {
      yield* artifactFiles(store, path, depth - 1);
    }
  }
}

/** What an `artifact.json` names, as far as it can be read. */
function* namesIn(text: string | undefined): Generator<string> {
  let value: unknown;
  try {
    value = JSON.parse(text ?? "null");
  } catch {
    return;
  }
  const { made, ...own } = (value ?? {}) as { made?: { used?: unknown } };
  const used = Array.isArray(made?.used) ? made.used : [];
  for (const each of [own, ...used] as { kind?: unknown; key?: unknown }[]) {
    if (typeof each?.kind === "string" && typeof each.key === "string") {
      yield `${each.kind}/${each.key}`;
    }
  }
}
