import { equal } from "node:assert/strict";
import { z } from "zod";
import { explainIssues } from "../../pipeline/sentences.ts";

const SCHEMA = z.strictObject({
  dataset: z.union([
    z.literal("known"),
    z.strictObject({ folder: z.string() }),
    z.strictObject({ table: z.string(), column: z.string().optional() }),
    z.strictObject({ archive: z.string() }),
    z.strictObject({ archives: z.string() }),
  ]),
});

/** What is said of a value that none of the choices takes. */
function said(dataset: unknown): string[] {
  const at = { file: "a.yaml", line: 1, column: 1 };
  type Node = Parameters<typeof explainIssues>[1]["tree"];
  const treeOf = (value: unknown): Node =>
    typeof value === "object" && value !== null
      ? {
        type: "map",
        at,
        entries: new Map(
          Object.entries(value).map(([key, inner]) => [
            key,
            { key: at, value: treeOf(inner) },
          ]),
        ),
      } as unknown as Node
      : { type: "scalar", value, at } as unknown as Node;
  const value = { dataset };
  const checked = { schema: SCHEMA, tree: treeOf(value), name: "p", owner: at } as unknown;
  return explainIssues(
    SCHEMA.safeParse(value).error!.issues,
    checked as Parameters<typeof explainIssues>[1],
  ).map(({ message }) => message);
}

Deno.test("a map that fits none of the maps is told what it must have", () => {
  const rule = 'Cannot use a map for "dataset" in "p": ' +
    'it must have "folder", "table", "archive" or "archives"';
  equal(said({}).join(), rule);
  equal(said({ other: "x" }).join(), rule);
});

Deno.test("the map whose key was misspelt is the one that was meant", () => {
  equal(
    said({ tabel: "x" }).join(),
    'Cannot read key "tabel" in "p.dataset": did you mean "table"?',
  );
  // Among others that fit as badly, and with the nearest of two that are near.
  for (
    const [wrong, right] of [["fodler", "folder"], ["archivs", "archive"], [
      "arch_ives",
      "archives",
    ]]
  ) {
    equal(
      said({ [wrong]: "x" }).join(),
      `Cannot read key "${wrong}" in "p.dataset": did you mean "${right}"?`,
    );
  }
});

Deno.test("keys of two maps do not go together", () => {
  equal(
    said({ folder: "x", column: "y" }).join(),
    'Cannot read key "column" in "p.dataset": it does not go with the other keys there; leave one out',
  );
});
