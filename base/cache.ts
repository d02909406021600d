import { join } from "node:path";

/**
 * The user's folder for what is fetched once and kept: `VITRINE_CACHE`, else the platform's cache
 * folder (`$XDG_CACHE_HOME/vitrine`, `~/.cache/vitrine`; macOS `~/Library/Caches/vitrine`).
 */
export function cacheFolder(): string {
  const own = Deno.env.get("VITRINE_CACHE");
  if (own) return own;
  const home = Deno.env.get("HOME") ?? Deno.env.get("USERPROFILE") ?? ".";
  if (Deno.build.os === "darwin") return join(home, "Library", "Caches", "vitrine");
  return join(Deno.env.get("XDG_CACHE_HOME") || join(home, ".cache"), "vitrine");
}
