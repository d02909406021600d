import { statfsSync } from "node:fs";

/** Where a file system is mounted, and how. */
export interface Mount {
  /** As /proc/self/mountinfo names it: ext4, nfs4, fuse.sshfs. */
  readonly type: string;
  /** A device, `server:/path`, `//server/share` or a word. */
  readonly source: string;
  readonly options: readonly string[];
  /** Absolute path of the folder. */
  readonly target: string;
}

/** Whether flock keeps processes of all hosts apart that see a folder, and why one thinks so. */
export interface Judgement {
  readonly acrossHosts: boolean;
  /** "/home is nfs4 with local_lock=flock" */
  readonly why: string;
}

/** f_type of file systems that one host has for itself (linux/magic.h). */
const LOCAL_MAGIC = new Set([
  ...[0xef53, 0x58465342, 0x9123683e, 0x01021994, 0x794c7630, 0x2fc12fc1], // ext, xfs, btrfs, tmpfs, overlay, zfs
  ...[0xf2f52010, 0x858458f6, 0x4d44, 0x2011bab0, 0x5346544e, 0x7366746e], // f2fs, ramfs, vfat, exfat, ntfs, ntfs3
  ...[0x3153464a, 0x52654973, 0x3434, 0xca451a4e, 0x482b, 0x61756673], // jfs, reiserfs, nilfs2, bcachefs, hfsplus, aufs
]);

/** The same by name, for what statfs has no number of its own for. */
const LOCAL = new Set(
  ("ext2 ext3 ext4 xfs btrfs tmpfs overlay zfs f2fs ramfs rootfs vfat msdos exfat ntfs ntfs3 jfs " +
    "reiserfs nilfs2 bcachefs hfs hfsplus apfs aufs ecryptfs udf squashfs erofs iso9660 " +
    "fuseblk fuse.fuse-overlayfs").split(" "),
);

/** Their flock is one for all hosts, whatever the options. */
const CLUSTER = new Set(["gpfs", "ceph"]);

/** Local only where this option says so. */
const UNLESS_LOCAL: Readonly<Record<string, RegExp>> = {
  nfs: /^(?:nolock|local_lock=(?:flock|all))$/,
  nfs4: /^(?:nolock|local_lock=(?:flock|all))$/,
  gfs2: /^localflocks$/,
  ocfs2: /^localflocks$/,
};

/**
 * Judges a mounted file system. What is neither a known local one nor known to lock across hosts
 * counts as one that does not.
 */
export function judgeMount({ type, source, options, target }: Mount): Judgement {
  const is = `${target} is ${type}`;
  if (LOCAL.has(type)) return { acrossHosts: true, why: `${is}, of this host alone` };
  if (CLUSTER.has(type)) return { acrossHosts: true, why: is };
  if (type === "lustre") {
    const local = options.includes("localflock");
    if (options.includes("flock") && !local) return { acrossHosts: true, why: `${is} with flock` };
    return { acrossHosts: false, why: `${is} ${local ? "with localflock" : "without flock"}` };
  }
  const bad = UNLESS_LOCAL[type];
  if (bad !== undefined) {
    const found = options.find((option) => bad.test(option));
    if (found === undefined) return { acrossHosts: true, why: is };
    return { acrossHosts: false, why: `${is} with ${found}` };
  }
  // A type without a name here on a disk of this host.
  if (source.startsWith("/dev/")) return { acrossHosts: true, why: `${is} on ${source}` };
  return { acrossHosts: false, why: `${is}, whose locks may hold on one host alone` };
}

/**
 * Reads a line of `findmnt --raw --output FSTYPE,SOURCE,TARGET,OPTIONS`.
 * @returns undefined where it is none.
 */
export function parseMount(line: string): Mount | undefined {
  const [type, source, target, options] = line.trim().split(" ").map(unescapeField);
  if (!type || !target) return undefined;
  return { type, source: source ?? "", target, options: (options ?? "").split(",") };
}

/** `\x20` for a space, and the like. */
function unescapeField(text: string): string {
  return text.replaceAll(/\\x([0-9a-f]{2})/gi, (_, hex) => String.fromCharCode(parseInt(hex, 16)));
}

/** util-linux, on every Linux that people log in to. It reads /proc/self/mountinfo, which Deno may not. */
export const FINDMNT = "/usr/bin/findmnt";

/** Options of {@linkcode FINDMNT} for {@linkcode parseMount}. */
export const FINDMNT_OPTIONS = ["--raw", "--noheadings", "--first-only", "--output"].concat(
  "FSTYPE,SOURCE,TARGET,OPTIONS",
);

/**
 * Judges the file system that a folder lies on. Costs a call of statfs where it is a local one of
 * Linux; elsewhere, a process. Other systems than Linux do not say, and count as local.
 *
 * @param folder Absolute path of a folder that is there.
 */
export function judgeFolder(folder: string): Judgement {
  if (Deno.build.os !== "linux") return { acrossHosts: true, why: `${Deno.build.os} does not say` };
  let magic: number;
  try {
    magic = statfsSync(folder).type >>> 0;
  } catch {
    return { acrossHosts: true, why: `${folder} could not be asked for its file system` };
  }
  if (LOCAL_MAGIC.has(magic)) return { acrossHosts: true, why: `${folder} is on a local disk` };
  const mount = findMount(folder);
  if (mount !== undefined) return judgeMount(mount);
  const number = `0x${magic.toString(16)}`;
  return {
    acrossHosts: false,
    why: `${folder} is on no local disk (file system ${number}), and findmnt does not say which`,
  };
}

function findMount(folder: string): Mount | undefined {
  try {
    const { success, stdout } = new Deno.Command(FINDMNT, {
      args: [...FINDMNT_OPTIONS, "--target", folder],
      stdin: "null",
      stderr: "null",
    }).outputSync();
    return success ? parseMount(new TextDecoder().decode(stdout)) : undefined;
  } catch {
    return undefined; // not there, or not allowed
  }
}
