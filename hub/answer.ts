import { retryAfter } from "../base/retry.ts";
import { HubError } from "./errors.ts";
import type { RemoteFile } from "./http.ts";
import { Temporary } from "./retry.ts";
import { labelOf, pageOf } from "./repository.ts";
import { endpoint, token } from "./settings.ts";

/**
 * Lets answers pass that are ones: bytes, no such range (416), no such file (404, the repository and
 * the revision being there).
 *
 * @param url Where the answer came from.
 * @throws {Temporary} for one that may be another the next time.
 * @throws {HubError} for the rest, in words.
 */
export async function judge(response: Response, remote: RemoteFile, url: URL): Promise<Response> {
  const { status, headers } = response;
  const code = headers.get("x-error-code");
  const missing = status === 404 && (code === "EntryNotFound" || code === null);
  if (response.ok || status === 416 || missing) return response;
  await response.body?.cancel();
  const at = url.origin;
  const name = labelOf(remote);
  const secret = token() !== undefined;
  if (status === 429 || status >= 500) {
    const advice = status === 429 && !secret ? ", or set HF_TOKEN for a higher limit" : "";
    throw new Temporary(
      `Cannot fetch ${remote.file} of ${name}: ${at} answers ${status}` +
        (status === 429 ? ", too many requests" : ""),
      { after: retryAfter(headers), advice: `Try again later${advice}` },
    );
  }
  if (code === "GatedRepo") {
    throw new HubError(
      `Cannot read ${name}: it is gated; accept its terms at ${endpoint()}/${pageOf(remote)} and ` +
        (secret ? "use a token (HF_TOKEN) of that account" : "set HF_TOKEN to your access token"),
    );
  }
  if (code === "RevisionNotFound") {
    throw new HubError(
      `Cannot find the revision "${remote.revision}" of ${name} at ${at}: ` +
        "write a branch, a tag or a commit of it, or leave it out",
    );
  }
  if (code === "RepoNotFound" || status === 404 || (status === 401 && !secret)) {
    throw new HubError(
      `Cannot find ${name} at ${at}: there is none, or it is private; check the name` +
        (secret ? " and that HF_TOKEN may read it" : ", or set HF_TOKEN if it is yours"),
      { unknownModel: true },
    );
  }
  const said = headers.get("x-error-message")?.slice(0, 200);
  throw new HubError(
    `Cannot read ${name} at ${at}: it answers ${status}${said ? ` (${said})` : ""}; ` +
      (status === 401
        ? "the token (HF_TOKEN, or that of hf auth login) is not accepted"
        : status === 403
        ? `${secret ? "use" : "set HF_TOKEN to"} a token that may read it`
        : "check HF_ENDPOINT"),
  );
}
