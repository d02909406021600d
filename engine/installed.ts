import { join } from "node:path";
import { z } from "zod";
import { sha256File } from "../base/hash.ts";
import type { Wheel, WheelMember } from "./wheel.ts";

/** The file that says what was unpacked: a start compares stats with it, not 850 MB of bytes. */
const RECORD = "library.json";

const Record = z.strictObject({
  files: z.array(z.strictObject({
    file: z.string(),
    sha256: z.string(),
    size: z.number(),
    modified: z.number(),
    inode: z.number(),
  })),
});

type FileRecord = z.infer<typeof Record>["files"][number];

/** Whether a folder has a wheel's libraries as they were unpacked. */
export type Condition =
  | { readonly state: "whole" | "missing" }
  | { readonly state: "damaged"; readonly file: string };

/**
 * Looks at what was unpacked earlier. A file whose size, time and inode are those recorded counts
 * as unchanged; otherwise its digest is computed again.
 */
export async function inspect(folder: string, wheel: Wheel): Promise<Condition> {
  if (!await exists(folder)) return { state: "missing" };
  const known = await readRecord(folder);
  const found: FileRecord[] = [];
  let anew = false;
  for (const member of [wheel.framework, wheel.cc]) {
    const damaged = { state: "damaged", file: member.file } as const;
    const stat = await statRecord(folder, member);
    if (!stat) return damaged;
    const recorded = known.find((file) => file.file === member.file);
    const expected = member.sha256 ?? recorded?.sha256;
    let sha256 = recorded?.sha256;
    if (
      !recorded || recorded.sha256 !== expected || stat.size !== recorded.size ||
      stat.modified !== recorded.modified || stat.inode !== recorded.inode
    ) {
      sha256 = await sha256File(join(folder, member.file));
      anew = true;
    }
    if (sha256 === undefined || sha256 !== expected) return damaged;
    found.push({ ...stat, sha256 });
  }
  if (anew) await writeRecord(folder, found);
  return { state: "whole" };
}

/** Records files that were just written and whose digests are known. */
export async function recordFiles(
  folder: string,
  digests: ReadonlyArray<{ member: WheelMember; sha256: string }>,
): Promise<void> {
  const files: FileRecord[] = [];
  for (const { member, sha256 } of digests) {
    files.push({ ...(await statRecord(folder, member))!, sha256 });
  }
  await writeRecord(folder, files);
}

async function writeRecord(folder: string, files: FileRecord[]): Promise<void> {
  const path = join(folder, RECORD);
  await Deno.writeTextFile(`${path}.${Deno.pid}`, JSON.stringify({ files }, null, 2) + "\n");
  await Deno.rename(`${path}.${Deno.pid}`, path);
}

async function readRecord(folder: string): Promise<FileRecord[]> {
  try {
    return Record.parse(JSON.parse(await Deno.readTextFile(join(folder, RECORD)))).files;
  } catch {
    // Missing or damaged: then the digests are computed.
    return [];
  }
}

async function statRecord(
  folder: string,
  member: WheelMember,
): Promise<Omit<FileRecord, "sha256"> | undefined> {
  const stat = await Deno.stat(join(folder, member.file)).catch(() => undefined);
  if (!stat) return undefined;
  return {
    file: member.file,
    size: stat.size,
    modified: stat.mtime?.getTime() ?? 0,
    inode: stat.ino ?? 0,
  };
}

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}
