import { join } from "node:path";
import { UserError } from "../base/errors.ts";

/** What the command line decides about the Hub. */
interface Configuration {
  /** Ask again which commit a name stands for, instead of taking the one that is remembered. */
  readonly refresh: boolean;
}

let configuration: Configuration = { refresh: false };

/** Sets what holds from now on in this process. */
export function setConfiguration(next: Configuration): void {
  configuration = next;
}

/** Whether names are to be resolved again. */
export function refreshing(): boolean {
  return configuration.refresh;
}

/**
 * The folder that repositories are cached in, as for Hugging Face's Python library: `HF_HUB_CACHE`,
 * else `hub` in `HF_HOME`, else `~/.cache/huggingface/hub`.
 */
export function cacheFolder(): string {
  return expand(environment("HF_HUB_CACHE") ?? environment("HUGGINGFACE_HUB_CACHE")) ??
    join(home(), "hub");
}

/** Where the Hub is: `HF_ENDPOINT`, else https://huggingface.co; no slash at the end. @throws {UserError} */
export function endpoint(): string {
  const text = environment("HF_ENDPOINT") ?? "https://huggingface.co";
  if (!/^https?:\/\//.test(text) || !URL.canParse(text)) {
    throw new UserError(
      `Cannot use HF_ENDPOINT="${text}": it must be an address such as https://huggingface.co`,
    );
  }
  return text.replace(/\/+$/, "");
}

/** Whether the network is not to be used: `HF_HUB_OFFLINE=1`, or `TRANSFORMERS_OFFLINE=1`. */
export function isOffline(): boolean {
  return isTrue(environment("HF_HUB_OFFLINE") ?? environment("TRANSFORMERS_OFFLINE"));
}

/** The user's access token: `HF_TOKEN`, else the file that `hf auth login` writes. */
export function token(): string | undefined {
  const own = environment("HF_TOKEN") ?? environment("HUGGING_FACE_HUB_TOKEN");
  if (own?.trim()) return own.trim();
  if (isTrue(environment("HF_HUB_DISABLE_IMPLICIT_TOKEN"))) return undefined;
  try {
    const path = expand(environment("HF_TOKEN_PATH")) ?? join(home(), "token");
    return Deno.readTextFileSync(path).trim() || undefined;
  } catch {
    return undefined; // nobody logged in here
  }
}

function home(): string {
  return expand(environment("HF_HOME")) ??
    join(environment("XDG_CACHE_HOME") ?? join(userHome(), ".cache"), "huggingface");
}

/** `~` at the start, and `$NAME`, as Python expands them. */
function expand(path: string | undefined): string | undefined {
  return path?.replace(/^~(?=\/|$)/, userHome())
    .replace(/\$(?:(\w+)|\{(\w+)\})/g, (all, a, b) => Deno.env.get(a ?? b) ?? all);
}

function userHome(): string {
  return environment("HOME") ?? environment("USERPROFILE") ?? ".";
}

/** A variable that is set and not empty. */
function environment(name: string): string | undefined {
  return Deno.env.get(name) || undefined;
}

function isTrue(text: string | undefined): boolean {
  return ["1", "ON", "YES", "TRUE"].includes(text?.toUpperCase() ?? "");
}
