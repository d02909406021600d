/** What a column of a Hugging Face data set holds, as far as images and labels go. */
export type Feature =
  | { readonly kind: "image" }
  | { readonly kind: "classes"; readonly names: readonly string[] }
  | { readonly kind: "other" };

/** Deepest nesting of features that is followed. */
const DEEPEST = 20;

type Json = Readonly<Record<string, unknown>>;

/**
 * Features by column (nested ones with points between) from the text that `datasets` writes into
 * parquet files under "huggingface": `{"info": {"features": {"label": {"_type": "ClassLabel", …}}}}`.
 * @returns undefined where it holds none.
 */
export function featuresOfFile(text: string | undefined): ReadonlyMap<string, Feature> | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text ?? "null");
  } catch {
    return undefined;
  }
  const features = isMap(value) && isMap(value.info) ? value.info.features : undefined;
  if (!isMap(features)) return undefined;
  const found = new Map<string, Feature>();
  const visit = (map: Json, prefix: string, depth: number) => {
    for (const [name, feature] of Object.entries(map)) {
      const path = prefix + name;
      if (!isMap(feature)) found.set(path, { kind: "other" });
      else if (typeof feature._type !== "string") {
        if (depth < DEEPEST) visit(feature, `${path}.`, depth + 1);
      } else found.set(path, featureOf(feature._type, feature.names));
    }
  };
  visit(features, "", 0);
  return found;
}

/**
 * The same from `dataset_info` of a card:
 * `[{ name: label, dtype: { class_label: { names: { "0": cat } } } }, …]`.
 */
export function featuresOfCard(features: unknown): ReadonlyMap<string, Feature> {
  const found = new Map<string, Feature>();
  const visit = (entries: unknown, prefix: string, depth: number) => {
    if (!Array.isArray(entries)) return;
    for (const entry of entries.filter(isMap)) {
      if (typeof entry.name !== "string") continue;
      const path = prefix + entry.name;
      const { dtype, struct } = entry;
      if (Array.isArray(struct) && depth < DEEPEST) visit(struct, `${path}.`, depth + 1);
      else if (dtype === "image") found.set(path, { kind: "image" });
      else if (isMap(dtype) && isMap(dtype.class_label)) {
        found.set(path, featureOf("ClassLabel", dtype.class_label.names));
      } else found.set(path, { kind: "other" });
    }
  };
  visit(features, "", 0);
  return found;
}

function featureOf(type: string, names: unknown): Feature {
  if (type === "Image") return { kind: "image" };
  const known = type === "ClassLabel" ? namesOf(names) : undefined;
  return known ? { kind: "classes", names: known } : { kind: "other" };
}

/** A list, or a map from "0", "1" and so on. YAML may have made numbers of names. */
function namesOf(names: unknown): string[] | undefined {
  const list = Array.isArray(names)
    ? names
    : isMap(names)
    ? Object.keys(names).map((_, index) => names[String(index)])
    : undefined;
  if (!list || list.length === 0) return undefined;
  const texts = list.map((name) =>
    typeof name === "object" || name === undefined ? "" : String(name)
  );
  return texts.includes("") || new Set(texts).size < texts.length ? undefined : texts;
}

const isMap = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);
