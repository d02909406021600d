import { join } from "node:path";

/**
 * The npm registry that the user has set: `npm_config_registry` or `NPM_CONFIG_REGISTRY`, else
 * `registry=` of `.npmrc` in the home folder, else npm's own. Without a slash at the end.
 */
export function npmRegistry(): string {
  const set = Deno.env.get("npm_config_registry") || Deno.env.get("NPM_CONFIG_REGISTRY") ||
    registryOf(join(Deno.env.get("HOME") ?? Deno.env.get("USERPROFILE") ?? ".", ".npmrc"));
  return (set || "https://registry.npmjs.org").replace(/\/+$/, "");
}

function registryOf(npmrc: string): string | undefined {
  let text: string;
  try {
    text = Deno.readTextFileSync(npmrc);
  } catch {
    return undefined; // most people have none
  }
  return /^\s*registry\s*=\s*(\S+)\s*$/m.exec(text)?.[1];
}
