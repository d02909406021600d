import type { Block } from "./document.ts";
import type { StageView } from "./read.ts";

/** Of `made`: what is in other tables, or says where on the machine files lie. */
const LEFT_OUT = /^(?:host|started|seconds|paths|used|resumed)(?:\.|$)/;

/**
 * Versions and machine, from what each `artifact.json` says of how it was made. A value that is not
 * the same for all stages is given with the stages that it belongs to.
 */
export function madeTable(stages: readonly StageView[]): Block[] {
  const values = new Map<string, Map<string, string[]>>();
  for (const { name, artifact } of stages) {
    // Packages stand in the key's record: a stage counts those that its code reaches.
    const packages = Object.entries(artifact?.record.packages ?? {}).map((
      [of, version],
    ) => [of, String(version)]);
    for (const [field, value] of [...flatten(artifact?.made ?? {}), ...packages]) {
      if (LEFT_OUT.test(field)) continue;
      const byValue = values.get(field) ?? new Map<string, string[]>();
      byValue.set(value, [...byValue.get(value) ?? [], name]);
      values.set(field, byValue);
    }
  }
  if (values.size === 0) return [];
  const rows = [...values].map(([field, byValue]) => [
    field.startsWith("@") ? field : field.replaceAll(".", " "),
    byValue.size === 1
      ? [...byValue.keys()][0]
      : [...byValue].map(([value, names]) => `${value} (${names.join(", ")})`).join("; "),
  ]);
  return [{
    type: "table",
    table: { caption: "Versions and machine", head: ["What", "Value"], rows },
  }];
}

/** Nested values as rows of dotted path and text; lists of plain values stay on one line. */
export function flatten(
  value: Readonly<Record<string, unknown>>,
  prefix = "",
): [path: string, text: string][] {
  return Object.entries(value).flatMap(([key, inner]): [string, string][] => {
    const path = prefix + key;
    if (inner === undefined) return [];
    const nested = typeof inner === "object" && inner !== null && !Array.isArray(inner);
    if (nested) return flatten(inner as Record<string, unknown>, `${path}.`);
    return [[path, typeof inner === "string" ? inner : JSON.stringify(inner)]];
  });
}
