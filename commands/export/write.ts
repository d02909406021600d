import { basename, dirname, join } from "node:path";
import { z } from "zod";
import { DiskError, messageOf, UserError } from "../../base/errors.ts";
import { isDiskFull } from "../../base/write_error.ts";
import type { Disk } from "../../pipeline/disk.ts";
import { listFiles } from "../../pipeline/folder.ts";
import { damaged, type ShownArtifact } from "./stages.ts";

/** The file by which an export knows what an earlier one made. */
export const EXPORT_FILE = "vitrine.json";

/** `vitrine.json`: where an exported model came from, and what it consists of. */
export const exportFile = z.strictObject({
  format: z.literal(1),
  run: z.string().describe("Name of the run"),
  stage: z.string().describe("The stage that published the model"),
  content: z.string().describe("Content digest of that stage's artifact"),
  files: z.record(z.string(), z.string()).describe("SHA-256 of every other file, by name"),
});
export type ExportFile = z.infer<typeof exportFile>;

/** A file to export: bytes of an artifact, or a text. */
export type ExportedFile =
  | { readonly name: string; readonly from: ShownArtifact; readonly file: string }
  | { readonly name: string; readonly text: string };

/**
 * Checks that a folder can be written: it is not there, is empty, or is an earlier export that may
 * be replaced.
 *
 * @param force Whether an earlier export is replaced.
 * @throws {UserError} if it holds anything else.
 */
export function checkTarget(disk: Disk, folder: string, force: boolean): void {
  const stat = disk.stat(folder);
  if (stat === undefined) return;
  const cannot = `Cannot export to ${folder}`;
  if (!stat.isFolder) throw new UserError(`${cannot}: there is a file of that name`);
  const names = listFiles(disk, folder);
  if (names.length === 0 && disk.list(folder).length === 0) return;
  const earlier = readExport(disk, folder);
  if (!force) {
    throw new UserError(
      earlier === undefined
        ? `${cannot}: the folder is not empty; name another`
        : `${cannot}: an earlier export is there; --force replaces it`,
    );
  }
  if (earlier === undefined) {
    throw new UserError(`${cannot}: the folder is not empty, and no export made it`, {
      hint: "--force replaces an earlier export only; name another folder",
    });
  }
  const stranger = names.find((name) =>
    name !== EXPORT_FILE && !Object.hasOwn(earlier.files, name)
  );
  if (stranger !== undefined) {
    throw new UserError(`${cannot}: ${stranger} in it is not of the earlier export`, {
      hint: "--force would remove it: move it away, or name another folder",
    });
  }
}

function readExport(disk: Disk, folder: string): ExportFile | undefined {
  try {
    const text = disk.readText(join(folder, EXPORT_FILE));
    return text === undefined ? undefined : exportFile.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

/**
 * Writes the folder whole or not at all: everything goes into a temporary one beside it, reaches the
 * disk, and then takes its place in one rename.
 *
 * @param about What {@linkcode EXPORT_FILE} says beside the digests.
 * @returns Bytes written.
 * @throws {DiskError} if a file of an artifact is not what was published, or the disk is full.
 */
export async function writeFolder(
  disk: Disk,
  folder: string,
  files: readonly ExportedFile[],
  about: Omit<ExportFile, "format" | "files">,
  signal: AbortSignal,
): Promise<number> {
  const hidden = (ending: string) =>
    join(dirname(folder), `.${basename(folder)}.${Deno.pid}.${ending}`);
  const temporary = hidden("tmp");
  try {
    disk.remove(temporary);
    disk.makeFolder(temporary);
    const digests: Record<string, string> = {};
    for (const file of files) {
      signal.throwIfAborted();
      digests[file.name] = await writeFile(disk, temporary, file, signal);
    }
    const record: ExportFile = { format: 1, ...about, files: digests };
    const text = JSON.stringify(record, null, 2) + "\n";
    await writeFile(disk, temporary, { name: EXPORT_FILE, text }, signal);
    const names = listFiles(disk, temporary);
    for (const inner of new Set(names.map((name) => dirname(join(temporary, name))))) {
      await disk.sync(inner);
    }
    const bytes = names.reduce((sum, name) => sum + disk.stat(join(temporary, name))!.size, 0);
    signal.throwIfAborted();
    replace(disk, temporary, folder, hidden("old"));
    await disk.sync(dirname(folder));
    return bytes;
  } catch (error) {
    // An error of a copy names the source, which has nothing to do with it.
    if (!isDiskFull(error)) throw error;
    throw new DiskError(`Cannot export to ${folder}: the disk is full`, {
      hint: "Free some space, or export to another disk",
      cause: error,
    });
  } finally {
    removeQuietly(disk, temporary);
  }
}

/** @returns the SHA-256 of what is written. */
async function writeFile(
  disk: Disk,
  folder: string,
  file: ExportedFile,
  signal: AbortSignal,
): Promise<string> {
  const path = join(folder, file.name);
  disk.makeFolder(dirname(path));
  if ("text" in file) {
    disk.write(path, file.text);
    await disk.sync(path);
    return await disk.hash(path, signal);
  }
  const from = join(file.from.folder, file.file);
  const { size, sha256 } = file.from.record.files[file.file];
  try {
    await disk.copy(from, path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) throw damaged(from, "it is missing", error);
    throw error;
  }
  await disk.sync(path);
  const copied = disk.stat(path)!.size;
  if (copied !== size) throw damaged(from, `it has ${copied} bytes, not ${size}`);
  if (await disk.hash(path, signal) !== sha256) {
    throw damaged(from, "its bytes are not those that were published");
  }
  return sha256;
}

/** A folder can take the place of nothing; what is there steps aside first, and back on an error. */
function replace(disk: Disk, from: string, to: string, aside: string): void {
  if (disk.linkStat(to) === undefined) return disk.rename(from, to);
  disk.rename(to, aside);
  try {
    disk.rename(from, to);
  } catch (error) {
    try {
      disk.rename(aside, to);
    } catch (second) {
      throw new UserError(`Cannot export to ${to}: ${messageOf(error)}`, {
        hint: `What was there is in ${aside}: it could not be put back (${messageOf(second)})`,
        cause: error,
      });
    }
    throw error;
  }
  removeQuietly(disk, aside);
}

/** What is left over harms nothing; the error that led here says more. */
function removeQuietly(disk: Disk, path: string): void {
  try {
    disk.remove(path);
  } catch {
    // The next export to the same folder by a process of this number removes it.
  }
}
