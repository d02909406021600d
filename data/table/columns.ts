import { quoted } from "../../base/printable.ts";
import { ParameterError } from "../parameter_error.ts";

/** Columns as a config names them. */
export interface ColumnChoice {
  readonly image?: string;
  readonly label?: string;
  readonly split?: string;
}

/** Columns that are there. */
export interface ChosenColumns {
  readonly image: string;
  readonly label: string;
  readonly split?: string;
}

/** What columns are called where a config does not say it; the first that is there counts. */
const USUAL = {
  image: ["image", "path", "file_name", "filename", "file", "filepath", "image_path"],
  label: ["label", "class", "labels", "category", "target"],
  split: ["split", "set", "subset"],
} as const;

/**
 * Finds the columns of a table.
 * @throws {ParameterError} with those that there are.
 */
export function chooseColumns(
  columns: readonly string[],
  choice: ColumnChoice,
  shown: string,
): ChosenColumns {
  const there = `its columns are ${columns.slice(0, 12).map((name) => quoted(name)).join(", ")}${
    columns.length > 12 ? ", …" : ""
  }`;
  const find = (role: keyof ColumnChoice): string | undefined => {
    const wanted = choice[role];
    if (wanted !== undefined) {
      if (columns.includes(wanted)) return wanted;
      throw new ParameterError(
        role,
        `Cannot find the column ${quoted(wanted)} in ${shown}: ${there}`,
      );
    }
    return USUAL[role].find((name) => columns.includes(name)) ??
      columns.find((name) => (USUAL[role] as readonly string[]).includes(name.toLowerCase()));
  };
  const need = (role: "image" | "label"): string => {
    const found = find(role);
    if (found !== undefined) return found;
    throw new ParameterError(
      role,
      `Cannot find the column of ${
        role === "image" ? "paths" : "labels"
      } in ${shown}: ${there}; say which by "${role}"`,
    );
  };
  return { image: need("image"), label: need("label"), split: find("split") };
}
