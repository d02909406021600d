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

/**
 * The store as a file may name it that others read: without user and password.
 *
 * @throws {UserError} if `--store` has them: no worker could know them then.
 */
export function storeForWorkers(
  store: SharedStoreOptions | undefined,
  line: CommandLine,
): SharedStoreOptions | null {
  const place = line.text("store");
  if (place !== undefined && withoutAccount(place) !== place) {
    throw new UserError("Cannot hand the user and password in --store to workers", {
      hint: "Name the store in VITRINE_STORE, or its token in VITRINE_STORE_TOKEN.",
    });
  }
  if (store === undefined) return null;
  return "url" in store ? { ...store, url: withoutAccount(store.url) } : store;
}

/**
 * The store that a worker is told, with the user and password that its config or `VITRINE_STORE`
 * has for the same address.
 */
export function storeOfWorker(
  store: SharedStoreOptions | null,
  configured: SharedStoreOptions | undefined,
): SharedStoreOptions | undefined {
  if (store === null || !("url" in store)) return store ?? undefined;
  const known = [
    ...(configured !== undefined && "url" in configured ? [configured.url] : []),
    Deno.env.get("VITRINE_STORE") ?? "",
  ];
  return { ...store, url: known.find((url) => withoutAccount(url) === store.url) ?? store.url };
}

function withoutAccount(address: string): string {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (!url?.username && !url?.password) return address;
  url.username = url.password = "";
  return url.href;
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
