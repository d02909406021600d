import { UserError } from "../base/errors.ts";
import { type SharedStoreOptions, sharedStoreSchema } from "../pipeline/elsewhere_schema.ts";
import type { Plan } from "../pipeline/types.ts";
import type { CommandLine, Option } from "./cli.ts";
import { fromCommandLine } from "./paths.ts";

/** Where artifacts are shared: before `VITRINE_STORE`, and that before the config. */
export const STORE_OPTIONS: readonly Option[] = [
  {
    name: "store",
    value: "PLACE",
    description: "Share artifacts through a folder, http(s)://… or s3://…; none: do not",
  },
  {
    name: "store-mode",
    value: "MODE",
    choices: ["read", "read-write"],
    description: "Fetch artifacts from there alone, or put them there too",
  },
];

/**
 * A plan with the shared store that the command line, the environment (`VITRINE_STORE`,
 * `VITRINE_STORE_MODE`) or its config names, in this order.
 *
 * @throws {UserError} if that is no store.
 */
export function withSharedStore(plan: Plan, line: CommandLine): Plan {
  const { sharedStore: configured, ...rest } = plan;
  const place = line.text("store") ?? (Deno.env.get("VITRINE_STORE") || undefined);
  const mode = line.text("store-mode") ?? (Deno.env.get("VITRINE_STORE_MODE") || undefined);
  if (place === "none") return rest;
  if (place === undefined && configured === undefined) {
    if (line.text("store-mode") === undefined) return plan;
    throw new UserError("Cannot take --store-mode: there is no shared store", {
      hint: "Name one with --store, VITRINE_STORE, or store: in the config.",
    });
  }
  const named = place === undefined ? configured! : { ...sameAs(place, configured), ...of(place) };
  const parsed = sharedStoreSchema.safeParse({ ...named, ...(mode === undefined ? {} : { mode }) });
  if (parsed.success) return { ...rest, sharedStore: parsed.data };
  const wrong = mode !== undefined && mode !== "read" && mode !== "read-write"
    ? `Cannot take VITRINE_STORE_MODE="${mode}"`
    : "Cannot use the shared store that --store or VITRINE_STORE names";
  throw new UserError(wrong, {
    hint: wrong.includes("MODE")
      ? "It is read or read-write."
      : "It is a folder, http(s)://HOST/PATH or s3://BUCKET/PREFIX.",
  });
}

function of(place: string): Partial<SharedStoreOptions> {
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(place) ? { url: place } : { path: fromCommandLine(place) };
}

/** What else the config says of the very same place: its endpoint, its mode. */
function sameAs(place: string, configured: SharedStoreOptions | undefined) {
  return configured !== undefined && "url" in configured && configured.url === place
    ? configured
    : {};
}
