import { deepStrictEqual as equal } from "node:assert/strict";
import { z } from "zod";
import { toDot, toMermaid } from "../../commands/dag.ts";
import type { Plan } from "../../pipeline/types.ts";

/** A plan of stages `[name, kind, needs]`. */
function plan(...stages: [name: string, kind: string, needs: Record<string, string>][]): Plan {
  return {
    name: "farm",
    config: "/farm.yaml",
    project: "/",
    seed: 0,
    stages: stages.map(([name, kind, needs]) => ({
      name,
      definition: {
        kind,
        summary: "",
        params: z.unknown(),
        inputs: {},
        run: () => Promise.reject(new Error("A graph runs nothing")),
      },
      module: "/mod.ts",
      params: {},
      needs,
      usesSeed: false,
    })),
  };
}

const FARM = plan(
  ["field", "field", {}],
  ["mill-b", "mill", { grain: "field" }],
  ["bakery", "bakery", { flour: "mill-b", starter: "mill-b", seeds: "field" }],
);

Deno.test("a graph for Mermaid has stages with their kinds, and roles on its arrows", () => {
  equal(toMermaid(FARM).split("\n"), [
    "flowchart TD",
    '  field["field"]',
    '  mill-b["mill-b (mill)"]',
    '  bakery["bakery"]',
    "  field -->|grain| mill-b",
    "  mill-b -->|flour, starter| bakery",
    "  field -->|seeds| bakery",
  ]);
});

Deno.test("a stage named by a word of Mermaid's own has a number for its identifier", () => {
  equal(toMermaid(plan(["end", "field", {}], ["a.b", "mill", { grain: "end" }])).split("\n"), [
    "flowchart TD",
    '  stage.1["end (field)"]',
    '  stage.2["a.b (mill)"]',
    "  stage.1 -->|grain| stage.2",
  ]);
});

Deno.test("a graph for Graphviz has the same stages and arrows", () => {
  equal(toDot(FARM).split("\n"), [
    'digraph "farm" {',
    "  node [shape=box];",
    '  "field" [label="field"];',
    '  "mill-b" [label="mill-b (mill)"];',
    '  "bakery" [label="bakery"];',
    '  "field" -> "mill-b" [label="grain"];',
    '  "mill-b" -> "bakery" [label="flour, starter"];',
    '  "field" -> "bakery" [label="seeds"];',
    "}",
  ]);
});
