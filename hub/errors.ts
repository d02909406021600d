import { UserError } from "../base/errors.ts";

/** The Hub could not give a model: what, why, what to do; the last in the hint where it is long. */
export class HubError extends UserError {
  override name = "HubError";
  /** Whether the Hub gave no sign of such a model, so that a folder may have been meant. */
  readonly unknownModel: boolean;

  constructor(
    message: string,
    options: { unknownModel?: boolean; hint?: string; cause?: unknown } = {},
  ) {
    super(message, options);
    this.unknownModel = options.unknownModel ?? false;
  }
}

/** Why the cache could not be written, in words; other errors as they are. */
export function explainCacheError(error: unknown, path: string): unknown {
  const code = (error as { code?: string } | null)?.code;
  const full = code === "ENOSPC" || code === "EDQUOT";
  if (!full && !["EACCES", "EPERM", "EROFS", "ENOTDIR"].includes(code ?? "")) return error;
  const why = full ? "the disk is full" : "it may not be written";
  const advice = full ? "make room, or set HF_HOME to a folder on another disk" : "set HF_HOME " +
    "to a folder of yours";
  return new HubError(`Cannot write ${path}: ${why}; ${advice}`, { cause: error });
}
