import type { SchemaTree } from "hyparquet";
import { UserError } from "../../base/errors.ts";
import { quoted } from "../../base/printable.ts";
import { ParameterError } from "../parameter_error.ts";
import type { Feature } from "./features.ts";
import type { ParquetFile } from "./file.ts";
import { isList } from "./values.ts";

/** Where a file has its images and its labels: paths through its schema, from the root to a leaf. */
export interface Columns {
  readonly image: {
    readonly name: string;
    readonly bytes: readonly SchemaTree[];
    /** Where images may lie beside the file. */
    readonly path?: readonly SchemaTree[];
  };
  readonly label: {
    readonly name: string;
    readonly leaf: readonly SchemaTree[];
    /** Names of the classes where the data set says them. */
    readonly names?: readonly string[];
  };
}

/** Names of columns that are taken for labels where no feature says which are. */
const LABELS = ["label", "labels", "class", "category", "target"];
/** Columns that are listed in one message. */
const MOST_LISTED = 12;

/**
 * Finds the columns of images and labels: those that the config names, else by the features that the
 * data set says it has (the only Image, the only ClassLabel), else by their form and their names.
 *
 * @param features By column, nested ones with points between; empty where nothing says.
 * @throws {UserError} if there is no such column, more than one could be meant, or it holds
 * something else.
 */
export function chooseColumns(
  file: ParquetFile,
  features: ReadonlyMap<string, Feature>,
  wanted: { readonly image?: string; readonly label?: string },
): Columns {
  const nodes = columnsOf(file.schema);
  const ofKind = (kind: Feature["kind"]) =>
    [...features].filter(([name, feature]) => feature.kind === kind && nodes.has(name))
      .map(([name]) => name);
  const choose = (what: "image" | "label", candidates: readonly string[]): string => {
    const given = wanted[what];
    if (given !== undefined) {
      if (nodes.has(given)) return given;
      throw new ParameterError(
        what,
        `Cannot find the column ${quoted(given)} of ${file.shown}: it has ${listed(nodes.keys())}`,
      );
    }
    if (candidates.length === 1) return candidates[0];
    const some = candidates.length > 1
      ? `${listed(candidates)} could be meant`
      : `none is known to be one; it has ${listed(nodes.keys())}`;
    throw new UserError(`Cannot tell the column of ${what}s in ${file.shown}: ${some}`, {
      hint: `Write ${what}: ${candidates[0] ?? "COLUMN"} beside the data set's name`,
    });
  };
  const structs = [...nodes.values()].filter((path) =>
    bytesOf(path) && path.at(-1)!.children.length
  )
    .map(nameOf);
  const binary = [...nodes.values()].filter(isBinary).map(nameOf)
    .filter((name) => !structs.some((struct) => name.startsWith(`${struct}.`)));
  const image = choose("image", first(ofKind("image"), structs, binary));
  const label = choose(
    "label",
    first(
      ofKind("classes"),
      [...nodes.keys()].filter((name) => LABELS.includes(name) && name !== image),
    ),
  );
  return {
    image: imageColumn(file, nodes.get(image)!),
    label: labelColumn(file, nodes.get(label)!, features),
  };
}

function imageColumn(file: ParquetFile, path: readonly SchemaTree[]): Columns["image"] {
  const name = nameOf(path);
  const bytes = bytesOf(path);
  if (isList(path) || !bytes) {
    throw new ParameterError(
      "image",
      `Cannot take images from the column "${name}" of ${file.shown}: it holds ${formOf(path)}, ` +
        "not files' bytes",
    );
  }
  const beside = path.at(-1)!.children.find(({ element }) => element.name === "path");
  const isText = beside?.element.type === "BYTE_ARRAY";
  return { name, bytes, ...(isText && { path: [...path, beside] }) };
}

function labelColumn(
  file: ParquetFile,
  leaf: readonly SchemaTree[],
  features: ReadonlyMap<string, Feature>,
): Columns["label"] {
  const name = nameOf(leaf);
  const { type, converted_type } = leaf.at(-1)!.element;
  const simple = leaf.at(-1)!.children.length === 0 && !isList(leaf);
  const whole = type === "INT32" || type === "INT64" || type === "BOOLEAN";
  const text = type === "BYTE_ARRAY" && !isBinary(leaf);
  const odd = converted_type !== undefined && /DATE|TIME|DECIMAL|JSON/.test(converted_type);
  if (!simple || !(whole || text) || odd) {
    throw new ParameterError(
      "label",
      `Cannot take labels from the column "${name}" of ${file.shown}: it holds ${formOf(leaf)}, ` +
        "not one number or text a row",
    );
  }
  const feature = features.get(name);
  return { name, leaf, ...(feature?.kind === "classes" && whole && { names: feature.names }) };
}

/**
 * Every column by its name, nested ones with points between, with its path from the root. What is
 * inside an image or a list is no column of its own.
 */
function columnsOf(root: SchemaTree): Map<string, SchemaTree[]> {
  const found = new Map<string, SchemaTree[]>();
  const visit = (path: SchemaTree[]) => {
    for (const child of path.at(-1)!.children) {
      const longer = [...path, child];
      found.set(nameOf(longer), longer);
      const repeats = child.children.some(({ element }) => element.repetition_type === "REPEATED");
      if (!repeats && !bytesOf(longer)) visit(longer);
    }
  };
  visit([root]);
  return found;
}

/** The leaf with the bytes: the column itself, or `bytes` of a column of `{ bytes, path }`. */
function bytesOf(path: readonly SchemaTree[]): readonly SchemaTree[] | undefined {
  if (isBinary(path)) return path;
  const bytes = path.at(-1)!.children.find(({ element }) => element.name === "bytes");
  return bytes && isBinary([...path, bytes]) ? [...path, bytes] : undefined;
}

function isBinary(path: readonly SchemaTree[]): boolean {
  const { element, children } = path.at(-1)!;
  return children.length === 0 && element.type === "BYTE_ARRAY" && !isList(path) &&
    element.converted_type === undefined && element.logical_type === undefined;
}

/** The first that has any. */
const first = (...choices: readonly string[][]) => choices.find(({ length }) => length > 0) ?? [];

const nameOf = (path: readonly SchemaTree[]) => path.at(-1)!.path.join(".");

function formOf(path: readonly SchemaTree[]): string {
  const { element, children } = path.at(-1)!;
  if (isList(path) || children.some(({ element }) => element.repetition_type === "REPEATED")) {
    return "lists";
  }
  if (children.length > 0) return `fields (${listed(children.map((child) => child.element.name))})`;
  return element.converted_type === "UTF8" ? "texts" : `values of type ${element.type}`;
}

function listed(names: Iterable<string>): string {
  const all = [...names];
  const more = all.length - MOST_LISTED;
  return all.slice(0, MOST_LISTED).join(", ") + (more > 0 ? ` and ${more} more` : "");
}
