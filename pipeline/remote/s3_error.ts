import { UserError } from "../../base/errors.ts";
import { retryAfter, Temporary } from "../../base/retry.ts";

/** Bytes of an error's description that are read at most. */
const LONGEST = 64 << 10;

/** What an S3 server says is wrong. */
export interface S3Refusal {
  readonly status: number;
  /** S3's own word: NoSuchBucket. Empty where there is none, as in answers to HEAD. */
  readonly code: string;
  readonly headers: Headers;
}

/** Reads an answer that is an error, or a description of one that came with status 200. */
export async function readRefusal(response: Response): Promise<S3Refusal> {
  const { status, headers } = response;
  let text = "";
  const decoder = new TextDecoder();
  for await (const piece of response.body ?? []) {
    text += decoder.decode(piece, { stream: true });
    if (text.length > LONGEST) break;
  }
  return {
    status,
    headers,
    code: /<Error>[\s\S]*?<Code>\s*(\w+)\s*<\/Code>/.exec(text)?.[1] ?? "",
  };
}

/** Another attempt may succeed, whatever the status. */
const PASSING = new Set(
  ["SlowDown", "InternalError", "ServiceUnavailable", "RequestTimeout", "OperationAborted"],
);

/** What to do about what S3 refuses, by its word for it. */
const HINTS: Readonly<Record<string, string>> = {
  SignatureDoesNotMatch: "Is AWS_SECRET_ACCESS_KEY that of AWS_ACCESS_KEY_ID?",
  InvalidAccessKeyId: "Is AWS_ACCESS_KEY_ID that of this server?",
  ExpiredToken: "AWS_SESSION_TOKEN has expired: log in again.",
  InvalidToken: "AWS_SESSION_TOKEN is not that of AWS_ACCESS_KEY_ID.",
  AccessDenied: "The account needs s3:GetObject there, and s3:PutObject with mode: read-write.",
  NoSuchBucket: "Make the bucket, or mend its name; another server is named by endpoint.",
  EntityTooLarge: "The server takes no objects of that size.",
};

/**
 * S3's refusal as an error of one sentence with S3's word.
 * @param address Where, for people.
 * @param method GET, HEAD, PUT.
 */
export function explainRefusal(
  { status, code, headers }: S3Refusal,
  address: string,
  method: string,
): Temporary | UserError {
  const what = `${address} answers ${status}${code ? ` ${code}` : ""} to ${method}`;
  const final = [501, 505, 507].includes(status);
  if (PASSING.has(code) || status >= 500 && !final || [408, 425, 429].includes(status)) {
    return new Temporary(what, { after: retryAfter(headers) });
  }
  return new UserError(what, { hint: hintOf(code, status, headers) });
}

function hintOf(code: string, status: number, headers: Headers): string | undefined {
  const region = headers.get("x-amz-bucket-region");
  if (region !== null && (status === 301 || status === 307 || status === 400)) {
    return `Its bucket is in ${region}: write region: ${region}.`;
  }
  if (code === "RequestTimeTooSkewed") {
    const server = Date.parse(headers.get("date") ?? "");
    const minutes = Math.round((Date.now() - server) / 60_000);
    const by = Number.isFinite(minutes) ? ` by ${Math.abs(minutes)} minutes` : "";
    return `This machine's clock is ${
      minutes < 0 ? "behind" : "ahead of"
    } the server's${by}: set it.`;
  }
  return HINTS[code];
}
