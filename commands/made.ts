import { hostname } from "node:os";

/** How an artifact was made, for `artifact.json` alone: no key and no result depends on it. */
export function made(): Record<string, unknown> {
  return {
    host: hostname(),
    platform: `${Deno.build.os} ${Deno.build.arch}`,
    deno: Deno.version.deno,
    v8: Deno.version.v8,
  };
}
