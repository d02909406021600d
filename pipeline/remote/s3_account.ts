import { join } from "node:path";
import { UserError } from "../../base/errors.ts";

/** Who asks an S3 server, and of which region. */
export interface S3Account {
  /** Undefined: anonymous, which public buckets allow. */
  readonly keys:
    | {
      readonly accessKeyId: string;
      readonly secretAccessKey: string;
      readonly sessionToken?: string;
    }
    | undefined;
  readonly region: string | undefined;
}

/**
 * Finds the account as Amazon's own tools do: `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` and
 * `AWS_SESSION_TOKEN`; else the profile `AWS_PROFILE`, by default `default`, of
 * `~/.aws/credentials`; else nobody. Region: `AWS_REGION`, `AWS_DEFAULT_REGION`, the profile's in
 * `~/.aws/config`.
 *
 * @throws {UserError} if half a key is set, or there is no such profile.
 */
export function findAccount(env: (name: string) => string | undefined): S3Account {
  const asked = env("AWS_PROFILE") || undefined;
  const name = asked ?? "default";
  const folder = join(env("HOME") || env("USERPROFILE") || ".", ".aws");
  const file = env("AWS_SHARED_CREDENTIALS_FILE") || join(folder, "credentials");
  const config = readIni(env("AWS_CONFIG_FILE") || join(folder, "config"));
  const settings = config.get(name === "default" ? name : `profile ${name}`);
  const own = { ...settings, ...readIni(file).get(name) };
  const region = env("AWS_REGION") || env("AWS_DEFAULT_REGION") || own.region;
  const [id, secret] = [env("AWS_ACCESS_KEY_ID"), env("AWS_SECRET_ACCESS_KEY")];
  if (id && secret) return { keys: keysOf(id, secret, env("AWS_SESSION_TOKEN")), region };
  if (id || secret) {
    const missing = id ? "AWS_SECRET_ACCESS_KEY" : "AWS_ACCESS_KEY_ID";
    throw new UserError(`Cannot sign for S3: ${missing} is not set, and the other half is`);
  }
  if (own.aws_access_key_id && own.aws_secret_access_key) {
    const keys = keysOf(own.aws_access_key_id, own.aws_secret_access_key, own.aws_session_token);
    return { keys, region };
  }
  if (asked !== undefined) {
    throw new UserError(`Cannot sign for S3: ${file} has no keys of the profile ${asked}`, {
      hint: "Profiles that log in elsewhere (sso, roles) are not read: " +
        "`aws configure export-credentials --format env` prints what can be set instead.",
    });
  }
  return { keys: undefined, region };
}

function keysOf(accessKeyId: string, secretAccessKey: string, sessionToken?: string) {
  return { accessKeyId, secretAccessKey, ...(sessionToken ? { sessionToken } : {}) };
}

/** Sections of an INI file; none where it is missing. */
function readIni(path: string): Map<string, Record<string, string>> {
  const sections = new Map<string, Record<string, string>>();
  let text: string;
  try {
    text = Deno.readTextFileSync(path);
  } catch {
    return sections;
  }
  let section: Record<string, string> = {};
  for (const line of text.split(/\r?\n/)) {
    const [, name] = /^\s*\[\s*([^\]]+?)\s*\]/.exec(line) ?? [];
    const [, key, value] = /^([\w-]+)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
    if (name !== undefined) sections.set(name, section = {});
    else if (key !== undefined) section[key] = value;
  }
  return sections;
}
