import { basename, join } from "node:path";
import { messageOf } from "../../base/errors.ts";
import { isImageName } from "../../data/image_format.ts";
import { sorted } from "../../data/imagefolder_list.ts";
import { fromCommandLine } from "../paths.ts";

/** An image to look at, or a path where one was expected. */
export interface FoundImage {
  /** As it was typed, or found below what was typed. */
  readonly path: string;
  /** Absolute. */
  readonly file: string;
  /** Path from the folder that was typed, with `/`; of a file its name. */
  readonly name: string;
  /** Why it can't be looked at. */
  readonly problem?: string;
}

/**
 * Finds images: files as they are named, folders with all that lies in them, in path order by code
 * point. In a folder what ends like an image counts; hidden files and folders are left out. One
 * folder's names are held at a time.
 *
 * @param words Paths as they were typed.
 * @param leaveOut A folder that is not gone into, as {@linkcode Deno.realPathSync} gives it.
 */
export function* findImages(
  words: readonly string[],
  leaveOut?: string,
): Generator<FoundImage, void> {
  for (const path of words) {
    const file = fromCommandLine(path);
    const found = { path, file, name: basename(file) };
    const info = look(file);
    if (info instanceof Error) yield { ...found, problem: reasonOf(info) };
    else if (info.isDirectory) yield* walk({ path, file, name: "" }, [], leaveOut);
    else if (info.isFile) yield found;
    else yield { ...found, problem: "it is neither a file nor a folder" };
  }
}

/** @param above Folders on the way to this one, as real paths: a link to one of them has no end. */
function* walk(
  folder: FoundImage,
  above: readonly string[],
  leaveOut: string | undefined,
): Generator<FoundImage, void> {
  let entries: Map<string, boolean | Error>;
  let real: string;
  try {
    real = Deno.realPathSync(folder.file);
    if (real === leaveOut || above.includes(real)) return;
    entries = list(folder.file);
  } catch (error) {
    yield { ...folder, name: basename(folder.file), problem: reasonOf(error) };
    return;
  }
  for (const entry of sorted([...entries.keys()])) {
    const kind = entries.get(entry)!;
    const name = entry.replace(/\/$/, "");
    const found = {
      path: join(folder.path, name),
      file: join(folder.file, name),
      name: folder.name === "" ? name : `${folder.name}/${name}`,
    };
    if (kind instanceof Error) yield { ...found, problem: reasonOf(kind) };
    else if (kind) yield* walk(found, [...above, real], leaveOut);
    else yield found;
  }
}

/**
 * What counts in a folder: names of images (false), names of folders with a slash behind (true; so
 * they stand where their contents belong in path order), and links that lead nowhere.
 */
function list(folder: string): Map<string, boolean | Error> {
  const entries = new Map<string, boolean | Error>();
  for (const { name, isFile, isDirectory, isSymlink } of Deno.readDirSync(folder)) {
    if (name.startsWith(".")) continue;
    const info = isSymlink ? look(join(folder, name)) : { isFile, isDirectory };
    if (info instanceof Error) {
      if (isImageName(name)) entries.set(name, info);
    } else if (info.isDirectory) entries.set(`${name}/`, true);
    else if (info.isFile && isImageName(name)) entries.set(name, false);
  }
  return entries;
}

function look(path: string): Deno.FileInfo | Error {
  try {
    return Deno.statSync(path);
  } catch (error) {
    return error as Error;
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof Deno.errors.NotFound) return "there is no such file or folder";
  if (error instanceof Deno.errors.PermissionDenied) return "you may not read it";
  return messageOf(error);
}

/**
 * Counts, giving way now and then so that Ctrl-C is seen.
 * @returns How many images (or paths where one was expected) there are.
 */
export async function countImages(words: readonly string[], leaveOut?: string): Promise<number> {
  let count = 0;
  for (const _ of findImages(words, leaveOut)) {
    if (++count % 10_000 === 0) await new Promise((resolve) => setTimeout(resolve));
  }
  return count;
}
