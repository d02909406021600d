import { resolve } from "node:path";
import type { SharedStoreOptions } from "../elsewhere_schema.ts";
import type { Blobs } from "./blobs.ts";

/**
 * Opens the place that a config names; asks it nothing yet. Each kind of place is loaded only where
 * it is used.
 *
 * @param project Folder that a relative path starts from.
 * @throws {UserError} if the address is none.
 */
export async function openBlobs(options: SharedStoreOptions, project: string): Promise<Blobs> {
  if ("path" in options) {
    const { FolderBlobs } = await import("./folder.ts");
    return new FolderBlobs(resolve(project, options.path));
  }
  const { HttpBlobs } = await import("./http.ts");
  return new HttpBlobs(options.url, Deno.env.get("VITRINE_STORE_TOKEN") || undefined);
}
