/** Name of this host; `?` where that may not be asked. */
export function hostName(): string {
  try {
    return Deno.hostname().replaceAll(/\s/g, "") || "?";
  } catch {
    return "?";
  }
}

/** Who holds a lock. */
export interface Holder {
  readonly pid: number;
  /** Undefined where it is this host, or nobody says. */
  readonly host: string | undefined;
}

/** Reads `PID [HOST] …`. Null where that is not what a text says. */
export function parseHolder(text: string | undefined): Holder | null {
  const [first, host] = (text ?? "").trim().split(/\s+/);
  const pid = Number.parseInt(first, 10);
  if (!Number.isInteger(pid)) return null;
  const here = host === undefined || host === "?" || host === hostName();
  return { pid, host: here ? undefined : host };
}

/**
 * Content of a session's file, which is different at each renewal and always as long.
 * @param by Which thread renews.
 */
export function renewal(head: string, by: "m" | "w", count: number): string {
  return `${head} ${by}${String(count).padStart(10, "0")}\n`;
}
