import { deepStrictEqual, ok } from "node:assert/strict";
import { dirname, join, relative, resolve } from "node:path";

const ROOT = resolve(import.meta.dirname!, "../..");

/** What each folder may import, besides itself, base/ and npm packages. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  base: [],
  engine: [],
  vit: ["engine"],
  data: [],
  hub: [],
  figures: [],
  stages: ["vit", "data", "figures", "engine", "hub"],
  pipeline: [],
  executors: ["pipeline"],
  commands: ["executors", "pipeline", "stages", "figures", "vit", "data", "engine", "hub"],
  bench: ["commands", "executors", "pipeline", "stages", "figures", "vit", "data", "engine"],
  // What a stage of a user's may: as the project's own, and the forms of their files.
  examples: ["stages", "vit", "data", "figures", "engine"],
};

/** The stages' contract is types: whoever runs stages may import those, and so may those who draw. */
const CONTRACT = "stages/stage.ts";
const MAY_IMPORT_TYPES: Readonly<Record<string, readonly string[]>> = {
  pipeline: [CONTRACT, "engine/mod.ts"],
  figures: [CONTRACT],
};

interface Import {
  readonly from: string;
  readonly to: string;
  readonly typeOnly: boolean;
}

Deno.test("imports go from one layer to the one below, never back", () => {
  const wrong = imports().filter(({ from, to, typeOnly }) => {
    const [own, other] = [folder(from), folder(to)];
    if (own === other || other === "base") return false;
    if (typeOnly && MAY_IMPORT_TYPES[own]?.includes(to)) return false;
    return !MAY_IMPORT[own].includes(other);
  });
  deepStrictEqual(wrong.map(({ from, to }) => `${from} -> ${to}`), []);
});

Deno.test("only engine/ opens native libraries", () => {
  const wrong = sources()
    .filter((path) => folder(path) !== "engine")
    .filter((path) =>
      /Deno\.dlopen|Deno\.UnsafePointer/.test(Deno.readTextFileSync(join(ROOT, path)))
    );
  deepStrictEqual(wrong, []);
});

Deno.test("a stage's mod.ts loads neither TensorFlow.js nor Vega nor the work of the stage", () => {
  const heavy = /@tensorflow|vega|canvas|sharp|typescript|^engine\/|\/run\.ts$|\/draw\.ts$/;
  const edges = imports().filter(({ typeOnly }) => !typeOnly);
  const reached = new Set<string>();
  const visit = (path: string) => {
    if (reached.has(path)) return;
    reached.add(path);
    for (const { from, to } of edges) if (from === path) visit(to);
  };
  visit("stages/mod.ts");
  const packages = [...reached].filter((path) => path.endsWith(".ts")).flatMap((path) =>
    packagesOf(path).map((name) => `${path} -> ${name}`)
  );
  ok(reached.size > 10, "the walk found the stages");
  deepStrictEqual([...reached, ...packages].filter((name) => heavy.test(name)), []);
});

Deno.test("no file is longer than one reads in a sitting", () => {
  const long = sources().map((path) => ({
    path,
    lines: Deno.readTextFileSync(join(ROOT, path)).split("\n").length - 1,
  })).filter(({ lines }) => lines > 300);
  deepStrictEqual(long, []);
});

function folder(path: string): string {
  return path.split("/")[0];
}

/** Every source file, relative to the root. */
function sources(): string[] {
  const found: string[] = [];
  const walk = (directory: string) => {
    for (const { name, isDirectory } of Deno.readDirSync(directory)) {
      const path = join(directory, name);
      if (isDirectory) walk(path);
      else if (name.endsWith(".ts")) found.push(relative(ROOT, path));
    }
  };
  for (const name of Object.keys(MAY_IMPORT)) {
    try {
      walk(join(ROOT, name));
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
  return found.sort();
}

const STATEMENT =
  /(?:^|\n)\s*(import|export)\s+(type\s)?[^;"']*?from\s+["']([^"']+)["']|import\(\s*["']([^"']+)["']\s*\)|(?:^|\n)import\s+["']([^"']+)["']/g;

function statements(path: string): { specifier: string; typeOnly: boolean; dynamic: boolean }[] {
  const text = Deno.readTextFileSync(join(ROOT, path)).replace(/\/\*[\s\S]*?\*\//g, "");
  return [...text.matchAll(STATEMENT)].map((match) => ({
    specifier: match[3] ?? match[4] ?? match[5],
    typeOnly: match[2] !== undefined,
    dynamic: match[4] !== undefined,
  }));
}

/** Imports of the project's own files; a dynamic one counts as what it is, an arrow, but not as loaded. */
function imports(): Import[] {
  return sources().flatMap((from) =>
    statements(from).filter(({ specifier }) => specifier.startsWith(".")).map((one) => ({
      from,
      to: relative(ROOT, resolve(ROOT, dirname(from), one.specifier)),
      typeOnly: one.typeOnly || one.dynamic,
    }))
  );
}

function packagesOf(path: string): string[] {
  return statements(path)
    .filter(({ specifier, typeOnly, dynamic }) =>
      !specifier.startsWith(".") && !typeOnly && !dynamic
    )
    .map(({ specifier }) => specifier);
}
