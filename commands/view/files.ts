import { extname, join, sep } from "node:path";
import { answer } from "./guard.ts";

/** What a browser is to take a file for, by its name's ending; others are refused. */
const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".json": "application/json",
  ".jsonl": "text/plain; charset=utf-8",
  ".md": "text/plain; charset=utf-8",
  ".png": "image/png",
  ".safetensors": "application/octet-stream",
  ".svg": "image/svg+xml",
  ".txt": "text/plain; charset=utf-8",
};

/**
 * What a file of a run may do where a browser opens it: show itself. A report has its style and its
 * pictures inside, and no script; `allow-same-origin` lets its links to the data beside it work.
 */
const POLICY = "default-src 'none'; img-src data:; font-src data:; style-src 'unsafe-inline'; " +
  "frame-ancestors 'none'; sandbox allow-same-origin";

/** A file's media type by its name; undefined where it is not shown. */
export function shownType(name: string): string | undefined {
  return TYPES[extname(name).toLowerCase()];
}

/** Answers `/files/RUN/…` with a file of `outputs/`. */
export async function serveFile(outputs: string, pathname: string): Promise<Response> {
  const names = namesIn(pathname.slice("/files/".length));
  const type = shownType(names?.at(-1) ?? "");
  const path = names && type && await inside(outputs, names);
  if (!path) return answer(404, "There is no such file in outputs/ that can be shown");
  const file = await Deno.open(path);
  const { size } = await file.stat();
  return new Response(file.readable, {
    headers: {
      "content-type": type,
      "content-length": String(size),
      "content-security-policy": POLICY,
    },
  });
}

/**
 * The names in a path, decoded; undefined where one of them is none: empty, a dot, hidden, or with a
 * character that separates folders on some system.
 */
export function namesIn(path: string): string[] | undefined {
  try {
    const names = path.split("/").map(decodeURIComponent);
    return names.every(isPlainName) ? names : undefined;
  } catch {
    return undefined; // an encoding that is none
  }
}

function isPlainName(name: string): boolean {
  // deno-lint-ignore no-control-regex -- a NUL ends a path early
  return name !== "" && !name.startsWith(".") && !/[/\\\x00-\x1f\x7f]/.test(name);
}

/** The file behind a path in `outputs/`; undefined where there is none, or it lies outside. */
export async function inside(
  outputs: string,
  names: readonly string[],
): Promise<string | undefined> {
  const path = await behind(outputs, names);
  // A pipe would be waited for.
  return path !== undefined && (await Deno.stat(path)).isFile ? path : undefined;
}

/**
 * The file or folder behind a path in `outputs/`, whatever links lead to it (a run's lead into the
 * store); undefined where there is none, or it lies outside.
 */
export async function behind(
  outputs: string,
  names: readonly string[],
): Promise<string | undefined> {
  try {
    const root = await Deno.realPath(outputs);
    const path = await Deno.realPath(join(outputs, ...names));
    return path.startsWith(root + sep) ? path : undefined;
  } catch (error) {
    const missing = [Deno.errors.NotFound, Deno.errors.NotADirectory, Deno.errors.FilesystemLoop];
    if (missing.some((kind) => error instanceof kind)) return undefined;
    throw error;
  }
}
