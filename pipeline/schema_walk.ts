import type { z } from "zod";

/** A zod schema's definition, as far as this module looks into it (`zod/v4/core`). */
interface Definition {
  readonly type: string;
  readonly innerType?: z.ZodType;
  readonly getter?: () => z.ZodType;
  readonly in?: z.ZodType;
  readonly out?: z.ZodType;
  readonly options?: readonly z.ZodType[];
  readonly discriminator?: string;
  readonly left?: z.ZodType;
  readonly right?: z.ZodType;
  readonly shape?: Readonly<Record<string, z.ZodType>>;
  readonly catchall?: z.ZodType;
  readonly valueType?: z.ZodType;
  readonly element?: z.ZodType;
  readonly items?: readonly z.ZodType[];
  readonly rest?: z.ZodType | null;
  readonly values?: readonly unknown[];
  readonly format?: string;
}

/** What a schema allows at one place, wrappers such as defaults taken off. */
interface Alternative {
  readonly definition: Definition;
}

/** The keys of every map that a schema allows at a path, for the value that stands there. */
export function keysAt(schema: z.ZodType, path: readonly PropertyKey[], value: unknown): string[] {
  return [...new Set(alternativesAt(schema, path, value).flatMap(keysOf))];
}

/** The types that a schema allows at a path, as zod calls them; `int` for a whole number. */
export function typesAt(schema: z.ZodType, path: readonly PropertyKey[], value: unknown): string[] {
  return alternativesAt(schema, path, value).map(({ definition: { type, format } }) =>
    format === "safeint" ? "int" : type
  );
}

/**
 * Whether a key may be missing and has no default of the schema's, so that null can stand for what
 * is then filled in; not where null is a value of its own.
 */
export function isLeftToDefault(
  schema: z.ZodType,
  path: readonly PropertyKey[],
  value: unknown,
): boolean {
  return alternativesAt(schema, path.slice(0, -1), value).some(({ definition }) => {
    const inner = inside(definition, path.at(-1)!);
    return inner !== undefined && isOptional(inner);
  });
}

/** The same of a schema itself. */
export function isOptional(schema: z.ZodType): boolean {
  return (schema._zod.def as unknown as Definition).type === "optional" &&
    !open(schema, null).some(({ definition: { type } }) => type === "null");
}

/** Dotted paths of all keys under a path that bear one name: where a misplaced key belongs. */
export function homesOf(
  schema: z.ZodType,
  path: readonly PropertyKey[],
  value: unknown,
  name: string,
): string[] {
  const homes = new Set<string>();
  const search = (alternatives: Alternative[], prefix: string, depth: number) => {
    for (const { definition: { shape } } of alternatives) {
      for (const [key, inner] of Object.entries(shape ?? {})) {
        if (key === name && prefix !== "") homes.add(prefix + key);
        if (depth > 0) search(open(inner, undefined), `${prefix}${key}.`, depth - 1);
      }
    }
  };
  search(alternativesAt(schema, path, value), "", 2);
  return [...homes];
}

function keysOf({ definition }: Alternative): string[] {
  return Object.keys(definition.shape ?? {});
}

function alternativesAt(
  schema: z.ZodType,
  path: readonly PropertyKey[],
  value: unknown,
): Alternative[] {
  let alternatives = open(schema, value);
  let here = value;
  for (const step of path) {
    here = (here as Record<PropertyKey, unknown> | null | undefined)?.[step];
    alternatives = alternatives.flatMap(({ definition }) => {
      const inner = inside(definition, step);
      return inner ? open(inner, here) : [];
    });
  }
  return alternatives;
}

function inside(definition: Definition, step: PropertyKey): z.ZodType | undefined {
  const { shape, catchall, valueType, element, items, rest } = definition;
  if (shape) return Object.hasOwn(shape, step) ? shape[String(step)] : catchall;
  if (items) return items[Number(step)] ?? rest ?? undefined;
  return valueType ?? element;
}

/** Takes the wrappers off a schema; where it is a choice, only what the value may be meant as. */
function open(schema: z.ZodType, value: unknown): Alternative[] {
  const definition = schema._zod.def as unknown as Definition;
  const { type, innerType, getter, options, discriminator, left, right } = definition;
  if (type === "nullable") return [...open(innerType!, value), { definition: { type: "null" } }];
  if (innerType) return open(innerType, value);
  if (getter) return open(getter(), value);
  if (type === "pipe") {
    // z.preprocess is a transformation first, and the schema of what is written stands behind it.
    const first = definition.in!._zod.def as unknown as Definition;
    return open(first.type === "transform" ? definition.out! : definition.in!, value);
  }
  if (left && right) return [...open(left, value), ...open(right, value)];
  if (!options) return [{ definition }];
  const named = discriminator === undefined ? [] : options.filter((option) => {
    const tag = (value as Record<string, unknown> | null | undefined)?.[discriminator];
    return open(option, value).some(({ definition: { shape } }) =>
      shape?.[discriminator] !== undefined &&
      open(shape[discriminator], tag).some((literal) => literal.definition.values?.includes(tag))
    );
  });
  return (named.length > 0 ? named : options).flatMap((option) => open(option, value));
}
