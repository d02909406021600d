import { basename, join } from "node:path";
import { messageOf } from "../../base/errors.ts";
import { isImageName } from "../../data/image_format.ts";
import { sorted } from "../../data/imagefolder_list.ts";
import { countLeftOut, type LeftOut, unreadEnding } from "../../data/left_out.ts";
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
 * @param onUnread Told the name of each picture in a folder that is of a kind that is not read.
 */
export function* findImages(
  words: readonly string[],
  leaveOut?: string,
  onUnread?: (name: string) => void,
): Generator<FoundImage, void> {
  for (const path of words) {
    const file = fromCommandLine(path);
    const found = { path, file, name: basename(file) };
    const info = look(file);
    if (info instanceof Error) yield { ...found, problem: reasonOf(info) };
    else if (info.isDirectory) yield* walk({ path, file, name: "" }, [], leaveOut, onUnread);
    else if (info.isFile) yield found;
    else yield { ...found, problem: "it is neither a file nor a folder" };
  }
}

/** @param above Folders on the way to this one, as real paths: a link to one of them has no end. */
function* walk(
  folder: FoundImage,
  above: readonly string[],
  leaveOut: string | undefined,
  onUnread: ((name: string) => void) | undefined,
): Generator<FoundImage, void> {
  let entries: Map<string, boolean | Error>;
  let real: string;
  try {
    real = Deno.realPathSync(folder.file);
    if (real === leaveOut || above.includes(real)) return;
    entries = list(folder.file, onUnread);
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
    else if (kind) yield* walk(found, [...above, real], leaveOut, onUnread);
    else yield found;
  }
}

/**
 * What counts in a folder: names of images (false), names of folders with a slash behind (true; so
 * they stand where their contents belong in path order), and links that lead nowhere.
 */
function list(
  folder: string,
  onUnread?: (name: string) => void,
): Map<string, boolean | Error> {
  const entries = new Map<string, boolean | Error>();
  for (const { name, isFile, isDirectory, isSymlink } of Deno.readDirSync(folder)) {
    if (name.startsWith(".")) continue;
    const info = isSymlink ? look(join(folder, name)) : { isFile, isDirectory };
    if (info instanceof Error) {
      if (isImageName(name)) entries.set(name, info);
    } else if (info.isDirectory) entries.set(`${name}/`, true);
    else if (info.isFile && isImageName(name)) entries.set(name, false);
    else if (info.isFile && unreadEnding(name)) onUnread?.(name);
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

/** What there is to look at. */
export interface Survey {
  /** Images, and paths where one was expected. */
  readonly total: number;
  /** Pictures in the folders of kinds that are not read. */
  readonly leftOut: LeftOut;
  /** Words, as they were typed, below which there is nothing. */
  readonly empty: readonly string[];
}

/** Counts, giving way now and then so that Ctrl-C is seen. Takes what {@linkcode findImages} does. */
export async function surveyImages(words: readonly string[], leaveOut?: string): Promise<Survey> {
  let total = 0;
  const unread: string[] = [];
  const empty: string[] = [];
  for (const word of words) {
    const before = total;
    for (const _ of findImages([word], leaveOut, (name) => unread.push(unreadEnding(name)!))) {
      if (++total % 10_000 === 0) await new Promise((resolve) => setTimeout(resolve));
    }
    if (total === before) empty.push(word);
  }
  return { total, leftOut: countLeftOut(unread), empty };
}
