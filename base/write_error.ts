import { DiskError, messageOf, UserError } from "./errors.ts";

/** Whether an error says that the disk, or the user's share of it, is full. */
export function isDiskFull(error: unknown): boolean {
  const code = (error as { code?: string } | null)?.code;
  return code === "ENOSPC" || code === "EDQUOT";
}

/** What to tell the user whose disk is full. */
export function diskFull(path: string, cause: unknown): DiskError {
  return new DiskError(`Cannot write ${path}: the disk is full`, {
    hint: "Make room, or set VITRINE_CACHE to a folder on another disk.",
    cause,
  });
}

/**
 * Says in words why something could not be put into the user's cache; an error that is not the file
 * system's comes back as it is.
 *
 * @param what TensorFlow, for example.
 * @param folder The cache.
 * @param otherwise What to do instead of setting VITRINE_CACHE.
 */
export function explainCacheError(
  error: unknown,
  what: string,
  folder: string,
  otherwise?: string,
): unknown {
  if (isDiskFull(error)) return diskFull(folder, error);
  // Deno keeps programs out of /dev, /proc and the like.
  const forbidden = error instanceof Deno.errors.NotCapable;
  // Errors of the file system bear the system's name for them.
  const code = (error as { code?: unknown } | null)?.code;
  if (!forbidden && typeof code !== "string") return error;
  const why = forbidden ? "that is no place for files" : messageOf(error);
  const hint = "Set VITRINE_CACHE to a folder that can be written";
  return new DiskError(`Cannot put ${what} into ${folder}: ${why}`, {
    hint: otherwise === undefined ? `${hint}.` : `${hint}, or ${otherwise}.`,
    cause: error,
  });
}

/**
 * Does something with an open file; an error of the system, which then does not say where, is made
 * to.
 */
export function at<T>(path: string, call: () => T): T {
  try {
    const result = call();
    if (!(result instanceof Promise)) return result;
    return result.catch((error) => {
      throw withPath(error, path);
    }) as T;
  } catch (error) {
    throw withPath(error, path);
  }
}

function withPath(error: unknown, path: string): unknown {
  if (error instanceof Error && / \(os error \d+\)$/.test(error.message)) {
    error.message += `: '${path}'`;
  }
  return error;
}

const FULL = "Free some space.";
const FORBIDDEN = "Give yourself the right to read and write there.";
const FILES = "Raise the limit (ulimit -n), or end programs that hold many files open.";

/** What a system's name for an error means, and what to do. */
const SYSTEM_ERRORS: Readonly<Record<string, readonly [why: string, hint: string]>> = {
  ENOSPC: ["the disk is full", FULL],
  EDQUOT: ["the disk quota is used up", FULL],
  EFBIG: ["the file is larger than this disk or your limits allow", "Use another disk."],
  EACCES: ["permission denied", FORBIDDEN],
  EPERM: ["permission denied", FORBIDDEN],
  EROFS: ["the disk is read-only", "Put the project on a disk that can be written."],
  EIO: [
    "the disk failed to read or write",
    "Check the disk and its cable or network, then run again.",
  ],
  ENODEV: ["the disk is gone", "Connect it again, then run again."],
  ESTALE: ["the network folder is gone", "Connect it again, then run again."],
  EMFILE: ["too many files are open in this process", FILES],
  ENFILE: ["too many files are open on this machine", FILES],
};

/** Whether the system's name for an error is one that is told with what to do. */
export function isDiskError(error: unknown): boolean {
  return Object.hasOwn(SYSTEM_ERRORS, (error as { code?: string } | null)?.code ?? "");
}

/**
 * Turns an error of the file system into one sentence with what to do; any other is given back as it
 * is.
 *
 * @param doing What could not be done, to follow "Cannot": "publish train".
 * @param place Where, for errors that do not say it themselves.
 */
export function explainDiskError(error: unknown, doing: string, place?: string): unknown {
  if (!(error instanceof Error) || error instanceof UserError) return error;
  const code = (error as Error & { code?: string }).code ?? "";
  const known = SYSTEM_ERRORS[code];
  // "No space left on device (os error 28): writefile '/a/b'"
  const words = /^(.*) \(os error \d+\)/.exec(error.message)?.[1];
  if (known === undefined && words === undefined) return error;
  // Of two, the second: what was to be written.
  const path = [...error.message.matchAll(/'([^']*)'/g)].at(-1)?.[1] ?? place;
  const [why, hint] = known ?? [words!.charAt(0).toLowerCase() + words!.slice(1), undefined];
  return new DiskError(`Cannot ${doing}${path ? ` (${path})` : ""}: ${why}`, {
    hint: hint ?? "Run it again; --debug shows where this came from.",
    cause: error,
  });
}
