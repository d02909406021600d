import { join } from "node:path";
import { messageOf, UserError } from "../../base/errors.ts";
import { isImageName } from "../image_format.ts";
import { sorted } from "../imagefolder_list.ts";
import { type Card, NO_CARD, readCard } from "./card.ts";

/** What a folder in the Hub's layout holds, and what its card says. */
export interface ParquetFolder {
  /** Parquet files and images, relative to the folder, with `/`, sorted by code point. */
  readonly files: readonly string[];
  readonly card: Card;
}

/** Folders deeper than this are no part of a data set; a link that leads back ends here, too. */
const DEEPEST = 6;

/**
 * Lists a folder of parquet files and reads its README.md, if it has one. Hidden files and folders
 * are left out.
 * @throws {UserError} if it can't be listed.
 */
export async function listParquetFolder(root: string): Promise<ParquetFolder> {
  const files: string[] = [];
  const visit = (folder: string, depth: number) => {
    for (const { name, isDirectory, isSymlink } of Deno.readDirSync(join(root, folder))) {
      if (name.startsWith(".")) continue;
      const path = folder === "" ? name : `${folder}/${name}`;
      const isFolder = isSymlink ? Deno.statSync(join(root, path)).isDirectory : isDirectory;
      if (isFolder && depth < DEEPEST) visit(path, depth + 1);
      else if (!isFolder && (/\.parquet$/i.test(name) || isImageName(name))) files.push(path);
    }
  };
  try {
    visit("", 0);
  } catch (cause) {
    const why = cause instanceof Deno.errors.NotFound
      ? "there is no such folder, or a link in it leads nowhere"
      : cause instanceof Deno.errors.NotADirectory
      ? "it is not a folder"
      : messageOf(cause);
    throw new UserError(`Cannot read ${root}: ${why}`, { cause });
  }
  const readme = join(root, "README.md");
  let text: string;
  try {
    text = Deno.readTextFileSync(readme);
  } catch {
    return { files: sorted(files), card: NO_CARD };
  }
  const card = await readCard(text);
  if (card) return { files: sorted(files), card };
  throw new UserError(`Cannot read ${readme}: what stands between its --- is no YAML`);
}
