import { join } from "node:path";
import { UserError } from "../errors.ts";
import { judgeFolder, type Judgement } from "./file_system.ts";
import type { LockDisk } from "./disk.ts";

/** `flock`: the operating system's. `lease`: files that their holder renews. */
export type LockKind = "flock" | "lease";

/** Where the leases of a folder's locks are renewed; there as soon as anybody needed leases there. */
export function sessionsOf(folder: string): string {
  return join(folder, ".leases");
}

interface Choice {
  readonly kind: LockKind;
  /** For people, where it is not what everybody has. */
  readonly note: string | undefined;
}

const choices = new Map<string, Choice>();

/**
 * Which locks the files of a folder have: those of the operating system where they hold for all
 * hosts that see the folder, else lease files; `VITRINE_LOCKS` decides otherwise. Where one host has
 * needed leases, all take them. Looked up once in a process.
 *
 * @param folder Absolute path of a folder that is there.
 * @throws {UserError} if VITRINE_LOCKS is neither.
 */
export function chooseLocks(folder: string, disk: LockDisk): LockKind {
  return choiceOf(folder, disk).kind;
}

/** What people should know of the locks of a folder; undefined where there is nothing to be said. */
export function describeLocks(folder: string, disk: LockDisk): string | undefined {
  return choiceOf(folder, disk).note;
}

function choiceOf(folder: string, disk: LockDisk): Choice {
  let choice = choices.get(folder);
  if (choice === undefined) choices.set(folder, choice = choose(folder, disk));
  return choice;
}

function choose(folder: string, disk: LockDisk): Choice {
  const asked = askedFor();
  const used = disk.stat(sessionsOf(folder)) !== undefined;
  if (asked === "lease") return { kind: "lease", note: "lease files, as VITRINE_LOCKS says" };
  const { acrossHosts, why }: Judgement = judgeFolder(folder);
  if (asked === "flock") {
    const risk = !acrossHosts ? why : used ? "another process here uses lease files" : undefined;
    const note = risk && `flock, as VITRINE_LOCKS says, though ${risk}`;
    return { kind: "flock", note };
  }
  if (!acrossHosts) return { kind: "lease", note: `lease files, since ${why}` };
  if (used) {
    return {
      kind: "lease",
      note: `lease files, since ${sessionsOf(folder)} says that a host uses them`,
    };
  }
  return { kind: "flock", note: undefined };
}

function askedFor(): LockKind | undefined {
  const asked = Deno.env.get("VITRINE_LOCKS");
  if (asked === undefined || asked === "") return undefined;
  if (asked === "flock" || asked === "lease") return asked;
  throw new UserError(`Cannot use VITRINE_LOCKS=${asked}: it is flock or lease`);
}
