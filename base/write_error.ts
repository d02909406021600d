import { messageOf, UserError } from "./errors.ts";

/** Whether an error says that the disk, or the user's share of it, is full. */
export function isDiskFull(error: unknown): boolean {
  const code = (error as { code?: string } | null)?.code;
  return code === "ENOSPC" || code === "EDQUOT";
}

/** What to tell the user whose disk is full. */
export function diskFull(path: string, cause: unknown): UserError {
  return new UserError(`Cannot write ${path}: the disk is full`, {
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
  return new UserError(`Cannot put ${what} into ${folder}: ${why}`, {
    hint: otherwise === undefined ? `${hint}.` : `${hint}, or ${otherwise}.`,
    cause: error,
  });
}
