import { z } from "zod";
import type { StageDefinition } from "../stages/stage.ts";
import { configSchema, reservedSchema } from "./config_schema.ts";
import { isOptional } from "./schema_walk.ts";

/** A JSON Schema (draft 2020-12), as far as this project writes and reads it. */
export interface JsonSchema {
  $schema?: string;
  $ref?: string;
  $defs?: Record<string, JsonSchema>;
  title?: string;
  description?: string;
  type?: string | string[];
  default?: unknown;
  const?: unknown;
  enum?: unknown[];
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  exclusiveMaximum?: number;
  minItems?: number;
  maxItems?: number;
  minProperties?: number;
  properties?: Record<string, JsonSchema>;
  additionalProperties?: boolean | JsonSchema;
  required?: string[];
  items?: JsonSchema;
  prefixItems?: JsonSchema[];
  anyOf?: JsonSchema[];
  oneOf?: JsonSchema[];
  allOf?: JsonSchema[];
  if?: JsonSchema;
  then?: JsonSchema;
  else?: JsonSchema;
}

/** The JSON Schema of a config, for editors: every kind's parameters with defaults and ranges. */
export function configJsonSchema(definitions: readonly StageDefinition[]): JsonSchema {
  const top = toJsonSchema(configSchema);
  const kinds = definitions.map(({ kind }) => kind);
  return {
    ...top,
    title: "Vitrine config",
    // Stages may come from the config that is extended.
    required: undefined,
    anyOf: [{ required: ["stages"] }, { required: ["extends"] }],
    properties: {
      ...top.properties,
      stages: {
        type: "object",
        description: top.properties?.stages.description,
        properties: Object.fromEntries(definitions.map(({ kind, summary }) => [kind, {
          description: summary,
          if: { type: "object", required: ["uses"] },
          then: { $ref: "#/$defs/named" },
          else: { $ref: `#/$defs/${kind}` },
        }])),
        additionalProperties: { $ref: "#/$defs/named" },
      },
    },
    $defs: {
      named: namedStage(kinds),
      ...Object.fromEntries(definitions.map((stage) => [stage.kind, stageJsonSchema(stage)])),
    },
  };
}

/** The parameters of one kind, with `uses` and `needs`. */
export function stageJsonSchema(stage: StageDefinition): JsonSchema {
  const params = toJsonSchema(stage.params);
  allowNulls(stage.params, params);
  const reserved = toJsonSchema(reservedSchema).properties!;
  const roles = Object.entries(stage.inputs).map(([role, spec]): [string, JsonSchema] => [
    role,
    typeof spec !== "string" && spec.many
      ? {
        type: ["array", "null"],
        items: { type: "string" },
        description: `Names of stages: ${sourcesOf(stage, role)}`,
      }
      : {
        type: ["string", "null"],
        description: `A stage's name; default: ${sourcesOf(stage, role)}`,
      },
  ]);
  return {
    ...params,
    $schema: undefined,
    title: stage.kind,
    description: stage.summary,
    // Nothing at all stands for every default.
    type: ["object", "null"],
    // A config that is extended may bring what is required.
    required: undefined,
    properties: {
      ...params.properties,
      uses: reserved.uses,
      needs: {
        type: "object",
        description: reserved.needs.description,
        properties: Object.fromEntries(roles),
        additionalProperties: false,
      },
    },
  };
}

/** Where an input comes from by default, in words. */
export function sourcesOf(stage: StageDefinition, role: string): string {
  const spec = stage.inputs[role];
  const { from, optional = false, above = undefined, many = false } = typeof spec === "string"
    ? { from: [spec] }
    : { above: undefined, ...spec };
  const words = from.map((kind) => `\`${kind}\``);
  if (many) return `the stages of kind ${words.join(" or ")} that \`needs\` lists, by default none`;
  const kinds = words.join(", else ");
  const where = above === undefined ? "" : ` that \`${above}\` is made from`;
  return `the stage of kind ${kinds}${where}${optional ? ", if there is one" : ""}`;
}

/** A stage with a name of its own: `uses` says of what kind it is. */
function namedStage(kinds: readonly string[]): JsonSchema {
  return {
    type: "object",
    required: ["uses"],
    properties: {
      uses: { type: "string", description: `${kinds.join(", ")}, or a module's path` },
    },
    allOf: kinds.map((kind) => ({
      if: { properties: { uses: { const: kind } } },
      then: { $ref: `#/$defs/${kind}` },
    })),
  };
}

function toJsonSchema(schema: z.ZodType): JsonSchema {
  return z.toJSONSchema(schema, {
    io: "input",
    unrepresentable: "any",
    override({ jsonSchema }) {
      // Every whole number has these two by nature; they say nothing.
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
      if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
    },
  }) as JsonSchema;
}

/** Null stands for the default of what may be missing, as `withoutNulls` (nulls.ts) has it. */
function allowNulls(schema: z.ZodType, json: JsonSchema): void {
  if (!(schema instanceof z.ZodObject)) return;
  for (const [name, inner] of Object.entries(json.properties ?? {})) {
    const field: z.ZodType = schema.shape[name];
    if (!isOptional(field)) continue;
    allowNulls((field as z.ZodOptional<z.ZodType>).unwrap(), inner);
    const { description, anyOf, ...rest } = inner;
    json.properties![name] = {
      anyOf: [...(anyOf ?? [rest]), { type: "null" }],
      ...(description === undefined ? {} : { description }),
    };
  }
}
