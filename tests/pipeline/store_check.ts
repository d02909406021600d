import { createHash } from "node:crypto";
import { join } from "node:path";

/** SHA-256 of a file. */
function digest(path: string): string {
  return createHash("sha256").update(Deno.readFileSync(path)).digest("hex");
}

function* walk(folder: string, prefix = ""): Generator<string> {
  let entries: Deno.DirEntry[] = [];
  try {
    entries = [...Deno.readDirSync(folder)];
  } catch {
    return;
  }
  for (const { name, isDirectory } of entries) {
    if (isDirectory) yield* walk(join(folder, name), `${prefix}${name}/`);
    else yield prefix + name;
  }
}

/**
 * What is wrong with a store, read without any of the product's code: an artifact whose files are
 * not those that its `artifact.json` lists.
 */
export function faultsOfStore(project: string): string[] {
  const store = join(project, "outputs/.store");
  const faults: string[] = [];
  const kinds = list(store).filter((name) =>
    !["scratch", "locks", "memo", "aside"].includes(name) && !/^format/.test(name)
  );
  for (const kind of kinds) {
    for (const key of list(join(store, kind))) {
      const folder = join(store, kind, key);
      let record: { files: Record<string, { size: number; sha256: string }> };
      try {
        record = JSON.parse(Deno.readTextFileSync(join(folder, "artifact.json")));
      } catch (error) {
        faults.push(`${kind}: artifact.json: ${error}`);
        continue;
      }
      const names = [...walk(folder)].filter((name) => name !== "artifact.json").sort();
      if (names.join() !== Object.keys(record.files).sort().join()) {
        faults.push(`${kind} has ${names}, not ${Object.keys(record.files)}`);
      }
      for (const name of names) {
        if (digest(join(folder, name)) !== record.files[name]?.sha256) {
          faults.push(`${kind}: ${name} is damaged`);
        }
      }
    }
  }
  return faults;
}

function list(folder: string): string[] {
  try {
    return [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
  } catch {
    return [];
  }
}

/** Digest of every result that a run shows, by name; what tells when and where it was made is left out. */
export function resultsOf(project: string, run: string): Record<string, string> {
  const folder = join(project, "outputs", run);
  const names = [...walk(folder)].filter((name) =>
    name.includes("/") && !name.endsWith("artifact.json") && !name.endsWith(".tmp")
  );
  return Object.fromEntries(names.sort().map((name) => [name, digest(join(folder, name))]));
}
