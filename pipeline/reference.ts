import type { StageDefinition } from "../stages/stage.ts";
import { configJsonSchema, type JsonSchema, sourcesOf } from "./schema.ts";

/** The reference of the config, in Markdown, made of the schemas that check it. */
export function configReference(definitions: readonly StageDefinition[]): string {
  const schema = configJsonSchema(definitions);
  const { stages: _, ...top } = schema.properties!;
  return [
    INTRODUCTION,
    table(top),
    ...definitions.map((stage) => {
      const { uses: _, needs: __, ...own } = schema.$defs![stage.kind].properties!;
      return stageSection(stage, own);
    }),
  ].join("\n");
}

const INTRODUCTION = `# The config

Made by \`deno task schema\` from the schemas that check a config: change those, not this page.

A config is one YAML file. \`deno task validate CONFIG\` says what is wrong with it, with line and
column, and runs nothing.

    seed: 42
    stages:
      preprocess:
        dataset: cifar10
      load-pretrained:
        model: models/vit-tiny-patch8-64
      train:
        epochs: 3

- \`stages\` is a map from names to parameters; their order does not matter. Every parameter that is
  not written has its default, and an empty stage has them all. Unknown keys are errors.
- A stage's kind is its name. Another name says its kind by \`uses: train\`, or by a module of your
  own, \`uses: ./stages/my_stage.ts\`.
- \`null\` leaves a parameter that may be missing to its default, also where the config that is
  extended says something else; where \`null\` is a value of its own, its meaning says so.
- Each stage reads its inputs from the stage of the right kind. Where there are several of that kind,
  \`needs: { model: finetune-b }\` says which. \`null\` leaves out an input that may be missing. An
  input that takes many stages is given a list of their names.
- Paths are relative to the project (the nearest folder above the config with a deno.json), or
  absolute. Only \`extends\` is relative to the file that it stands in.
- \`extends: other.yaml\` starts from another config: maps are merged, lists and values replaced. A map
  whose \`name\` or \`uses\` says another word than in the other config is replaced whole.
- \`--set train.epochs=3\` overrides one value. The path begins with a stage's name, or is \`seed\` or
  \`name\`; the value is YAML and takes the place of what is there.
- Names of configs and stages are folders in \`outputs/\`: letters, digits, dots, underscores and
  hyphens, at most 100, with no dot first.

## The top
`;

function stageSection(stage: StageDefinition, params: Record<string, JsonSchema>): string {
  const inputs = Object.keys(stage.inputs).map((role) =>
    `- \`${role}\`: ${sourcesOf(stage, role)}`
  );
  return [
    `## ${stage.kind}`,
    "",
    `${stage.summary}.`,
    "",
    ...(inputs.length > 0 ? ["Reads:", "", ...inputs, ""] : []),
    Object.keys(params).length > 0 ? table(params) : "It has no parameters.\n",
  ].join("\n");
}

function table(properties: Record<string, JsonSchema>): string {
  const rows = Object.entries(properties).flatMap(([name, schema]) => rowsOf(name, schema));
  const head = ["parameter", "type", "default", "meaning"];
  const lines = [head, head.map(() => "---"), ...rows];
  return lines.map((cells) => `| ${cells.map(escapeCell).join(" | ")} |`).join("\n") + "\n";
}

/** A row for a parameter and one for each that it holds, with dotted names. */
function rowsOf(name: string, schema: JsonSchema, when = ""): string[][] {
  const label = `\`${name}\`${when}`;
  const rows = [[label, typeOf(schema), defaultOf(schema), schema.description ?? ""]];
  const options = [...(schema.anyOf ?? []), ...(schema.oneOf ?? [])];
  for (const option of [schema, ...options]) {
    const chosen = option === schema ? undefined : discriminator(option);
    const own = option === schema ? undefined : ownKey(option, options);
    for (const [key, inner] of Object.entries(option.properties ?? {})) {
      if (key === chosen?.key) continue;
      const of = chosen ? ` (${chosen.value})` : own && key !== own ? ` (${own})` : when;
      rows.push(...rowsOf(`${name}.${key}`, inner, of));
    }
  }
  return rows;
}

/** The key that tells a map from the others that may stand there: it alone must be written. */
function ownKey(option: JsonSchema, options: readonly JsonSchema[]): string | undefined {
  const others = options.filter((other) => other !== option && other.properties);
  const { required = [], properties = {} } = option;
  const needed = required.filter((key) => properties[key].default === undefined);
  const [key] = needed;
  const tells = others.length > 0 && needed.length === 1 &&
    others.every((other) => other.properties![key] === undefined);
  return tells ? key : undefined;
}

function discriminator(option: JsonSchema): { key: string; value: string } | undefined {
  const found = Object.entries(option.properties ?? {}).find(([, inner]) =>
    inner.const !== undefined
  );
  return found && { key: found[0], value: String(found[1].const) };
}

function typeOf(schema: JsonSchema): string {
  if (schema.const !== undefined) return `\`${schema.const}\``;
  if (schema.enum) return schema.enum.map((value) => `\`${value}\``).join(", ");
  const options = schema.anyOf ?? schema.oneOf;
  if (options) return [...new Set(options.map(optionType))].join(", or ");
  const range = rangeOf(schema);
  switch (schema.type) {
    case "integer":
      return `whole number${range}`;
    case "number":
      return `number${range}`;
    case "string":
      return "text";
    case "boolean":
      return "true or false";
    case "null":
      return "null";
    case "array":
      return listType(schema);
    case "object":
      return "map";
    default:
      return "any";
  }
}

function optionType(option: JsonSchema): string {
  const chosen = discriminator(option);
  return chosen ? `map with \`${chosen.key}: ${chosen.value}\`` : typeOf(option);
}

function listType({ items, prefixItems, minItems, maxItems }: JsonSchema): string {
  if (prefixItems) return `[${prefixItems.map(typeOf).join(", ")}]`;
  const count = minItems === undefined
    ? ""
    : minItems === maxItems
    ? `${minItems} `
    : `${minItems} or more `;
  return `list of ${count}${items && typeOf(items) !== "any" ? `(${typeOf(items)})` : "values"}`;
}

function rangeOf({ minimum, maximum, exclusiveMinimum, exclusiveMaximum }: JsonSchema): string {
  const parts = [
    minimum === undefined ? undefined : `≥ ${minimum}`,
    exclusiveMinimum === undefined ? undefined : `> ${exclusiveMinimum}`,
    maximum === undefined ? undefined : `≤ ${maximum}`,
    exclusiveMaximum === undefined ? undefined : `< ${exclusiveMaximum}`,
  ].filter((part) => part !== undefined);
  return parts.length > 0 ? ` ${parts.join(" and ")}` : "";
}

function defaultOf(schema: JsonSchema): string {
  const value = schema.default;
  if (value === undefined || JSON.stringify(value) === "{}") return "";
  return `\`${typeof value === "string" ? value : JSON.stringify(value)}\``;
}

function escapeCell(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll("\n", " ");
}
