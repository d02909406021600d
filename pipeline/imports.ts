import { join } from "node:path";
import type { Disk } from "./disk.ts";

/** Where an import leads: to a file (absolute path), or to a package with its locked version. */
export type ImportTarget =
  | { readonly path: string }
  | { readonly path?: undefined; readonly package: string; readonly version: string };

/**
 * Resolves bare specifiers as Deno does: through `imports` of deno.json and `dependencies` of
 * package.json, with versions from deno.lock.
 */
export class ImportMap {
  readonly #root: string;
  readonly #imports: Record<string, string>;
  readonly #locked: Record<string, string>;

  private constructor(
    root: string,
    imports: Record<string, string>,
    locked: Record<string, string>,
  ) {
    this.#root = root;
    this.#imports = imports;
    this.#locked = locked;
  }

  /** Reads the three files of a folder; a missing one counts as empty. */
  static read(disk: Disk, root: string): ImportMap {
    const dependencies = field(disk, join(root, "package.json"), "dependencies");
    const fromPackage = Object.entries(dependencies).map(([name, version]) =>
      [name, version.startsWith("npm:") ? version : `npm:${name}@${version}`] as const
    );
    return new ImportMap(
      root,
      { ...Object.fromEntries(fromPackage), ...field(disk, join(root, "deno.json"), "imports") },
      field(disk, join(root, "deno.lock"), "specifiers"),
    );
  }

  /** Undefined for what is part of Deno itself (`node:fs`, `data:`) and for what nothing maps. */
  resolve(specifier: string): ImportTarget | undefined {
    const target = this.#map(specifier);
    if (/^\.{0,2}\//.test(target)) return { path: join(this.#root, target) };
    if (/^https?:/.test(target)) return { package: target, version: "remote" };
    const parts = /^(?:npm|jsr):\/?((?:@[^/@]+\/)?[^/@]+)(?:@([^/]+))?/.exec(target);
    if (parts === null) return undefined;
    const [, name, range = ""] = parts;
    const request = `${target.slice(0, 4)}${name}${range ? `@${range}` : ""}`;
    // "4.22.0_seedrandom@3.0.5": after the underscore stand the peers that it was resolved with.
    const version = (this.#locked[request] ?? (range || "unlocked")).split("_")[0];
    return { package: name, version };
  }

  #map(specifier: string): string {
    if (specifier in this.#imports) return this.#imports[specifier];
    const prefix = Object.keys(this.#imports)
      .filter((key) => specifier.startsWith(key.endsWith("/") ? key : `${key}/`))
      .sort((a, b) => b.length - a.length)[0];
    if (prefix === undefined) return specifier;
    return this.#imports[prefix] + specifier.slice(prefix.length);
  }
}

function field(disk: Disk, path: string, name: string): Record<string, string> {
  try {
    const value: unknown = JSON.parse(disk.readText(path) ?? "{}")[name];
    return typeof value === "object" && value !== null ? value as Record<string, string> : {};
  } catch {
    return {}; // deno.json with comments (.jsonc) or broken: Deno itself has said so by now
  }
}
