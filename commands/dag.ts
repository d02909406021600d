import { readConfigFile } from "../pipeline/config.ts";
import { allOf } from "../pipeline/roles.ts";
import type { Plan } from "../pipeline/types.ts";
import { registry } from "../stages/mod.ts";
import { type Command, type CommandLine, CommandLineError } from "./cli.ts";
import { SET_OPTION } from "./options.ts";
import { fromCommandLine } from "./paths.ts";

/** `deno task dag`: the graph of a config's stages, for Mermaid or Graphviz. */
export const command: Command = {
  name: "dag",
  summary: "Prints the graph of a config's stages for Mermaid or Graphviz",
  usage: "CONFIG",
  arguments: { least: 1, most: 1 },
  options: [
    SET_OPTION,
    { name: "mermaid", description: "For Mermaid, as Markdown on GitHub shows it; the default" },
    { name: "dot", description: "For Graphviz" },
  ],
  example: "deno task dag configs/cifar10.yaml --dot | dot -Tsvg > stages.svg",
  run,
};

async function run(line: CommandLine): Promise<number> {
  if (line.flag("mermaid") && line.flag("dot")) {
    throw new CommandLineError("Cannot print --mermaid and --dot at once: choose one");
  }
  const config = fromCommandLine(line.positionals[0]);
  const { plan } = await readConfigFile({ config, set: line.list("set"), registry });
  console.log(line.flag("dot") ? toDot(plan) : toMermaid(plan));
  return 0;
}

/** An arrow of the graph: what one stage publishes, another reads. */
interface Arrow {
  readonly from: string;
  readonly to: string;
  /** What the reader calls it. */
  readonly roles: readonly string[];
}

/** One arrow for each two stages, in the order of the plan. */
function arrowsOf(plan: Plan): Arrow[] {
  return plan.stages.flatMap(({ name, needs }) =>
    [...new Set(allOf(needs))].map((from) => ({
      from,
      to: name,
      roles: Object.keys(needs).filter((role) => [needs[role]].flat().includes(from)),
    }))
  );
}

/** A stage's name, and its kind where that is another word. */
function labelOf({ name, definition: { kind } }: Plan["stages"][number]): string {
  return name === kind ? name : `${name} (${kind})`;
}

/** Words that Mermaid would read as its own where they begin a line. */
const MERMAID_WORDS = new Set([
  ...["call", "class", "classDef", "click", "default", "direction", "end", "flowchart", "graph"],
  ...["href", "interpolate", "linkStyle", "style", "subgraph"],
]);

/** A stage's name where Mermaid takes it for an identifier, else a number. */
function mermaidId(name: string, index: number): string {
  const plain = /^[A-Za-z]\w*(-\w+)*$/.test(name) && !MERMAID_WORDS.has(name.split("-")[0]);
  return plain ? name : `stage.${index + 1}`;
}

/** The graph as a Mermaid flowchart. */
export function toMermaid(plan: Plan): string {
  const ids = new Map(plan.stages.map(({ name }, index) => [name, mermaidId(name, index)]));
  return [
    "flowchart TD",
    ...plan.stages.map((stage) => `  ${ids.get(stage.name)}["${labelOf(stage)}"]`),
    ...arrowsOf(plan).map(({ from, to, roles }) =>
      `  ${ids.get(from)} -->|${roles.join(", ")}| ${ids.get(to)}`
    ),
  ].join("\n");
}

/** The graph in the language of Graphviz's `dot`. */
export function toDot(plan: Plan): string {
  // A name has no quotes, and a role is a word of code; JSON's quoting is that of dot here.
  const quoted = JSON.stringify;
  return [
    `digraph ${quoted(plan.name)} {`,
    "  node [shape=box];",
    ...plan.stages.map((stage) => `  ${quoted(stage.name)} [label=${quoted(labelOf(stage))}];`),
    ...arrowsOf(plan).map(({ from, to, roles }) =>
      `  ${quoted(from)} -> ${quoted(to)} [label=${quoted(roles.join(", "))}];`
    ),
    "}",
  ].join("\n");
}
