/** A repository on the Hub: a model's or a data set's. */
export interface Repository {
  /** `owner/name`; the oldest data sets have a name alone. */
  readonly id: string;
  /** By default a model. */
  readonly kind?: "model" | "dataset";
}

/** In a sentence: `the model "owner/name"`. */
export function labelOf({ id, kind }: Repository): string {
  return `the ${kind === "dataset" ? "data set" : "model"} "${id}"`;
}

/** Its path on the Hub's site, below which its files are. */
export function pageOf({ id, kind }: Repository): string {
  return kind === "dataset" ? `datasets/${id}` : id;
}

/** Its folder in the cache, as Hugging Face's Python library names it. */
export function folderOf({ id, kind = "model" }: Repository): string {
  return `${kind}s--${id.replace("/", "--")}`;
}

/** Whether a path within a repository is safe as a path below a folder, on every system. */
export function isFilePath(path: string): boolean {
  return path.length <= 1000 && path.split("/").every((part) =>
    // deno-lint-ignore no-control-regex -- they are what must not be there
    /^(?!\.)[^\\/:*?"<>|\u0000-\u001f\u007f]{1,200}$/.test(part)
  );
}
