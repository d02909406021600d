import { join } from "node:path";
import { UserError } from "../base/errors.ts";
import { shownPath } from "../base/printable.ts";
import { IMAGE_ENDINGS, isImageName } from "./image_format.ts";
import { CONVERT, countLeftOut, type LeftOut, listLeftOut } from "./left_out.ts";

/** Names of folders that are splits, and the split that each is. */
const SPLIT_FOLDERS = {
  train: "train",
  validation: "validation",
  val: "validation",
  test: "test",
} as const;

/** Images of one split, by class, then by file name. */
export interface FolderImages {
  /** Paths relative to the folder, with `/`. */
  readonly files: readonly string[];
  /** Class index of each. */
  readonly labels: Int32Array;
}

/** What lies in an image folder. Nothing of it has been opened. */
export interface ImageFolder {
  /** The folder, as it was given. */
  readonly root: string;
  /** Class names, sorted by code point; a class's index is its place here. */
  readonly classes: readonly string[];
  /** `PATH/CLASS/*` is all `train`; `PATH/train/CLASS/*` has those splits that are there. */
  readonly splits: { readonly train: FolderImages; validation?: FolderImages; test?: FolderImages };
  /** All images, relative to the folder, sorted by code point. */
  readonly files: readonly string[];
  /** Every folder that was looked into, relative to the folder, which is "" itself. */
  readonly folders: readonly string[];
  /** Files beside them that are pictures of kinds that are not read. */
  readonly leftOut: LeftOut;
}

/**
 * Lists `PATH/{train,validation|val,test}/CLASS/*` or `PATH/CLASS/*`: names only, no image is
 * opened. Hidden files and folders are left out, so are files that are no images; those that people may
 * take for some are counted.
 *
 * It is an image folder with splits if it has a `train` folder and nothing but split folders in it;
 * else every folder is a class.
 *
 * @throws {UserError} with the path, if there is no such folder, there are no classes, a class has
 * no images or has folders in it, or the splits do not have the same classes.
 */
export function listImageFolder(path: string): ImageFolder {
  const folders = subfolders(path);
  if (folders.length === 0) {
    throw new UserError(`Cannot find any classes in ${path}: it has no folders`, {
      hint: "Images go into PATH/CLASS/, or into PATH/train/CLASS/ and PATH/test/CLASS/",
    });
  }
  const splitNames = folders.filter(isSplit);
  if (!folders.includes("train") || splitNames.length < folders.length) {
    const { leftOut, ...train } = listClasses(path, "", folders);
    return {
      root: path,
      classes: folders,
      splits: { train },
      files: sorted([...train.files]),
      folders: ["", ...folders],
      leftOut: countLeftOut(leftOut),
    };
  }
  if (folders.includes("val") && folders.includes("validation")) {
    throw new UserError(`Cannot tell the validation images of ${path}: it has val and validation`, {
      hint: "Keep one of the two",
    });
  }
  const classes = subfolders(join(path, "train"));
  if (classes.length === 0) {
    throw new UserError(`Cannot find any classes in ${join(path, "train")}: it has no folders`);
  }
  const splits: { train?: FolderImages; validation?: FolderImages; test?: FolderImages } = {};
  const unread: string[] = [];
  for (const name of splitNames) {
    checkClasses(path, name, classes);
    const { leftOut, ...images } = listClasses(path, name, classes);
    splits[SPLIT_FOLDERS[name]] = images;
    unread.push(...leftOut);
  }
  const files = sorted(Object.values(splits).flatMap((split) => split.files));
  return {
    root: path,
    classes,
    splits: { ...splits, train: splits.train! },
    files,
    folders: ["", ...splitNames.flatMap((s) => [s, ...classes.map((name) => `${s}/${name}`)])],
    leftOut: countLeftOut(unread),
  };
}

/** Sorts names by code point, in place: the same everywhere, whatever the language set. */
export function sorted(names: string[]): string[] {
  // The plain order goes by UTF-16 unit, which differs only where there are surrogates.
  return names.some((name) => /[\ud800-\udfff]/.test(name))
    ? names.sort(byCodePoint)
    : names.sort();
}

function byCodePoint(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    // Equal up to here, so both are at the start of a code point, or in the middle of the same one.
    const difference = a.codePointAt(i)! - b.codePointAt(i)!;
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

function isSplit(name: string): name is keyof typeof SPLIT_FOLDERS {
  return Object.hasOwn(SPLIT_FOLDERS, name);
}

function checkClasses(path: string, split: string, classes: readonly string[]): void {
  const here = subfolders(join(path, split));
  const missing = classes.find((name) => !here.includes(name));
  const extra = here.find((name) => !classes.includes(name));
  const name = missing ?? extra;
  if (name === undefined) return;
  const [has, lacks] = missing !== undefined ? ["train", split] : [split, "train"];
  throw new UserError(
    `Cannot use ${path}: class ${JSON.stringify(name)} is in ${has} and not in ${lacks}`,
    { hint: "Every split needs the same class folders" },
  );
}

/** @returns The images, and the names of all files that are none. */
function listClasses(
  root: string,
  split: string,
  classes: readonly string[],
): FolderImages & { leftOut: string[] } {
  const files: string[] = [];
  const leftOut: string[] = [];
  const labels: number[] = [];
  classes.forEach((name, label) => {
    const relative = split ? `${split}/${name}` : name;
    const inside = entries(join(root, relative));
    const folder = inside.find((entry) => entry.isFolder);
    if (folder) {
      throw new UserError(
        `Cannot use ${join(root, relative)} as a class: it has a folder, ${folder.name}, in it`,
        {
          hint:
            "Classes are the folders in PATH, or those in PATH/train, PATH/validation, PATH/test",
        },
      );
    }
    const names = inside.map((entry) => entry.name);
    const images = sorted(names.filter((file) => isImageName(file)));
    const others = names.filter((file) => !isImageName(file));
    if (images.length === 0) {
      const unread = listLeftOut(countLeftOut(others));
      throw new UserError(
        `Cannot find any images in ${join(root, relative)}${
          unread && `: what is there is not read as images (${unread})`
        }`,
        {
          hint: unread ? CONVERT : `Every class needs at least one: ${IMAGE_ENDINGS}`,
        },
      );
    }
    leftOut.push(...others);
    for (const image of images) {
      files.push(`${relative}/${image}`);
      labels.push(label);
    }
  });
  return { files, labels: Int32Array.from(labels), leftOut };
}

function subfolders(path: string): string[] {
  return sorted(entries(path).filter(({ isFolder }) => isFolder).map(({ name }) => name));
}

/** What is in a folder; links count as what they lead to. Hidden and other things are left out. */
function entries(path: string): { name: string; isFolder: boolean }[] {
  const found: { name: string; isFolder: boolean }[] = [];
  try {
    for (const entry of Deno.readDirSync(path)) {
      if (entry.name.startsWith(".")) continue;
      const { isDirectory, isFile } = entry.isSymlink ? follow(join(path, entry.name)) : entry;
      if (isDirectory || isFile) found.push({ name: entry.name, isFolder: isDirectory });
    }
  } catch (cause) {
    if (cause instanceof UserError) throw cause;
    const why = cause instanceof Deno.errors.NotFound
      ? "there is no such folder"
      : cause instanceof Deno.errors.NotADirectory
      ? "it is not a folder"
      : "it can't be listed";
    throw new UserError(`Cannot read ${shownPath(path)}: ${why}`, { cause });
  }
  return found;
}

function follow(link: string): Deno.FileInfo {
  try {
    return Deno.statSync(link);
  } catch (cause) {
    throw new UserError(`Cannot read ${link}: it is a link to something that can't be read`, {
      cause,
    });
  }
}
