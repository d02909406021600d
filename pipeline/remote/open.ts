import { resolve } from "node:path";
import { UserError } from "../../base/errors.ts";
import { lazily } from "../../base/lazy.ts";
import type { SharedStoreOptions } from "../elsewhere_schema.ts";
import type { Blobs } from "./blobs.ts";

const FOLDER = lazily<typeof import("./folder.ts")>("./folder.ts", import.meta.url);
const HTTP = lazily<typeof import("./http.ts")>("./http.ts", import.meta.url);
const S3 = lazily<typeof import("./s3.ts")>("./s3.ts", import.meta.url);

/**
 * Opens the place that a config names; asks it nothing yet. Each kind of place is loaded only where
 * it is used.
 *
 * @param project Folder that a relative path starts from.
 * @throws {UserError} if the address is none.
 */
export async function openBlobs(options: SharedStoreOptions, project: string): Promise<Blobs> {
  if ("path" in options) {
    const { FolderBlobs } = await FOLDER();
    return new FolderBlobs(resolve(project, options.path));
  }
  if (options.url.startsWith("s3:")) {
    const { S3Blobs } = await S3();
    return new S3Blobs(options);
  }
  if (options.endpoint !== undefined || options.region !== undefined) {
    throw new UserError(`Cannot use endpoint and region with ${options.url.split(":")[0]}://`, {
      hint: "They are for s3://bucket/prefix.",
    });
  }
  const { HttpBlobs } = await HTTP();
  return new HttpBlobs(options.url, Deno.env.get("VITRINE_STORE_TOKEN") || undefined);
}
