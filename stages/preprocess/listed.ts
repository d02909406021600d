import { join } from "node:path";
import { type ImageFolder, listImageFolder } from "../../data/imagefolder_list.ts";

/** What plans have listed and no key has asked for yet, by path. */
const kept = new Map<string, { readonly folder: ImageFolder; readonly stamp: string }>();

/** A clock that counts whole seconds shows every change that is older than this, milliseconds. */
const SETTLED = 2000;

/**
 * Lists an image folder for a plan, and keeps the listing for the key that is made next: a folder of
 * 200,000 files takes half a second to list.
 *
 * @throws {UserError} as {@linkcode listImageFolder}.
 */
export function listForPlan(path: string): ImageFolder {
  const known = unchanged(path);
  if (known) return known;
  const started = Date.now();
  const folder = listImageFolder(path);
  const { stamp, changed } = look(folder);
  if (changed < started - SETTLED) kept.set(path, { folder, stamp });
  else kept.delete(path);
  return folder;
}

/**
 * Lists an image folder for a key. What a plan has kept of it serves once, and only if none of its
 * folders was changed: it stays in memory no longer, and a key that is made later sees the folder as it
 * then is.
 *
 * @throws {UserError} as {@linkcode listImageFolder}.
 */
export function listForKey(path: string): ImageFolder {
  const known = unchanged(path);
  kept.delete(path);
  return known ?? listImageFolder(path);
}

function unchanged(path: string): ImageFolder | undefined {
  const known = kept.get(path);
  return known && look(known.folder).stamp === known.stamp ? known.folder : undefined;
}

/** What shows that a file was added, removed or renamed, and when that was, as the disk tells it. */
function look({ root, folders }: ImageFolder): { stamp: string; changed: number } {
  let changed = 0;
  const stamps = folders.map((name) => {
    try {
      const { ino, mtime, ctime } = Deno.statSync(join(root, name));
      const times = [mtime, ctime].map((time) => time?.getTime() ?? 0);
      changed = Math.max(changed, ...times);
      return [ino, ...times].join(":");
    } catch {
      changed = Infinity; // gone; whoever lists it says so
      return "";
    }
  });
  return { stamp: stamps.join("\n"), changed };
}
