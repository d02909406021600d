import { AwsV4Signer } from "aws4fetch";
import { systemClient } from "../../base/certificates.ts";
import { digestOf } from "../../base/digest.ts";
import { UserError } from "../../base/errors.ts";
import { persist } from "../../base/retry.ts";
import type { SharedStoreOptions } from "../elsewhere_schema.ts";
import type { Blobs, Content } from "./blobs.ts";
import { answer, type BlobRequest } from "./request.ts";
import { findAccount, type S3Account } from "./s3_account.ts";
import { explainRefusal, readRefusal } from "./s3_error.ts";

/** Bytes of a part. S3 takes none below 5 MiB but the last; six files at once are in memory so. */
const PART = 16 << 20;
/** Parts that S3 lets an object have; larger objects have larger parts. */
const MOST_PARTS = 10_000;
/** Attempts for one part. */
const ATTEMPTS = 4;

/** SHA-256 of nothing, which a request without a body is signed with. */
const EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

type Request = Pick<BlobRequest, "method" | "headers" | "signal"> & {
  readonly body?: Uint8Array<ArrayBuffer>;
  /** Of the body. */
  readonly sha256?: string;
  readonly query?: Record<string, string>;
};

/** What an S3 store is opened with. */
export type S3Options = Extract<SharedStoreOptions, { url: string }>;

/**
 * Blobs as objects of a bucket, `s3://bucket/prefix`: `prefix/cas/<sha256>` and `prefix/ac/<key>`.
 * Requests are signed (AWS Signature Version 4) where there is an account, and anonymous elsewhere.
 * An object appears whole or not at all; what is larger than a part is put in parts, each of which
 * is tried again by itself.
 */
export class S3Blobs implements Blobs {
  readonly address: string;
  readonly #base: string;
  readonly #region: string;
  readonly #keys: S3Account["keys"];
  readonly #partSize: number;
  readonly #client = systemClient();
  /** Keys derived from the secret, by day. */
  readonly #derived = new Map<string, ArrayBuffer>();

  /**
   * @param env Environment; see {@linkcode findAccount}. `AWS_ENDPOINT_URL_S3` and
   * `AWS_ENDPOINT_URL` stand in for `endpoint`.
   * @throws {UserError} if the address is none, or an account is only half there.
   */
  constructor(
    { url, endpoint, region }: Omit<S3Options, "mode">,
    env: (name: string) => string | undefined = (name) => Deno.env.get(name),
    partSize = PART,
  ) {
    const [, bucket, prefix] = /^s3:\/\/([a-z0-9][a-z0-9._-]{1,62})(?:\/(.*?))?\/*$/.exec(url) ??
      [];
    if (bucket === undefined) {
      throw new UserError(`Cannot use the shared store's address: ${url.split("@").at(-1)}`, {
        hint:
          "It looks like s3://bucket/prefix; another server than Amazon's is named by endpoint.",
      });
    }
    const account = findAccount(env);
    this.#keys = account.keys;
    this.#region = region ?? account.region ?? "us-east-1";
    this.#partSize = partSize;
    const server = endpoint ?? (env("AWS_ENDPOINT_URL_S3") || env("AWS_ENDPOINT_URL") || undefined);
    const root = rootOf(bucket, server, this.#region);
    const path = (prefix ?? "").split("/").filter(Boolean).map(encodeURIComponent);
    this.#base = [root, ...path].join("/");
    const place = prefix ? `s3://${bucket}/${prefix}` : `s3://${bucket}`;
    this.address = server === undefined ? place : `${place} at ${new URL(server).host}`;
  }

  async stat(name: string, signal: AbortSignal): Promise<{ size?: number } | undefined> {
    const response = await this.#ask(name, { method: "HEAD", signal });
    await response.body?.cancel();
    // Who may not list the bucket is told 403 of what is not there; who may not read, at the PUT.
    if (response.status === 404 || response.status === 403) return undefined;
    if (!response.ok) throw await this.#refusal(response, "HEAD");
    const length = response.headers.get("content-length");
    return length === null ? {} : { size: Number(length) };
  }

  async get(name: string, from: number, signal: AbortSignal): Promise<Response | undefined> {
    const headers: HeadersInit = from > 0 ? { range: `bytes=${from}-` } : {};
    const response = await this.#ask(name, { method: "GET", headers, signal });
    if (response.ok || response.status === 416) return response;
    const refusal = await readRefusal(response);
    const { status, code } = refusal;
    if (status === 404 && code !== "NoSuchBucket") return undefined;
    if (status === 403 && code === "AccessDenied") return undefined; // as in stat
    throw explainRefusal(refusal, this.address, "GET");
  }

  async put(name: string, content: Content, signal: AbortSignal): Promise<void> {
    if (content.size > this.#partSize) return await this.#putParts(name, content, signal);
    const body = new Uint8Array(await new Response(await content.open()).arrayBuffer());
    await this.#write(name, { method: "PUT", body, sha256: content.sha256, signal });
  }

  [Symbol.dispose](): void {
    this.#client?.close();
  }

  async #putParts(name: string, content: Content, signal: AbortSignal): Promise<void> {
    const begun = await this.#write(name, { method: "POST", query: { uploads: "" }, signal });
    const uploadId = /<UploadId>([^<]+)<\/UploadId>/.exec(begun.text)?.[1];
    if (uploadId === undefined) throw new UserError(`${this.address} begins no upload in parts`);
    try {
      const size = Math.max(this.#partSize, Math.ceil(content.size / MOST_PARTS));
      const tags: string[] = [];
      for await (const body of inPieces(await content.open(), size)) {
        const query = { partNumber: String(tags.length + 1), uploadId };
        const sha256 = await digestOf(body);
        const { headers } = await persist(
          () => this.#write(name, { method: "PUT", query, body, sha256, signal }),
          { attempts: ATTEMPTS, signal },
        );
        tags.push(headers.get("etag") ?? "");
      }
      const parts = tags.map((tag, i) =>
        `<Part><PartNumber>${i + 1}</PartNumber><ETag>${tag}</ETag></Part>`
      );
      const text = `<CompleteMultipartUpload>${parts.join("")}</CompleteMultipartUpload>`;
      const body = new TextEncoder().encode(text);
      const sha256 = await digestOf(body);
      await this.#write(name, { method: "POST", query: { uploadId }, body, sha256, signal });
    } catch (error) {
      // Parts cost money until they are given up. With a signal of its own: that one may be aborted.
      const own = AbortSignal.timeout(5_000);
      await this.#write(name, { method: "DELETE", query: { uploadId }, signal: own })
        .catch(() => {});
      throw error;
    }
  }

  /** A request that changes something, and its answer. @throws what S3 refuses, in words. */
  async #write(name: string, request: Request): Promise<{ headers: Headers; text: string }> {
    const response = await this.#ask(name, request);
    if (!response.ok) throw await this.#refusal(response, request.method);
    const text = await response.text();
    // S3 may find out after it has begun to answer.
    if (/<Error>/.test(text)) {
      const { status, headers } = response;
      throw await this.#refusal(new Response(text, { status, headers }), request.method);
    }
    return { headers: response.headers, text };
  }

  async #refusal(response: Response, method: string) {
    return explainRefusal(await readRefusal(response), this.address, method);
  }

  /** Signs and sends. */
  async #ask(name: string, { query = {}, sha256 = EMPTY, ...request }: Request): Promise<Response> {
    let url = new URL(`${this.#base}/${name}`);
    for (const [key, value] of Object.entries(query)) url.searchParams.set(key, value);
    let headers = new Headers(request.headers);
    if (this.#keys !== undefined) {
      headers.set("x-amz-content-sha256", sha256);
      const signer = new AwsV4Signer({
        ...this.#keys,
        method: request.method,
        url: url.href,
        headers,
        region: this.#region,
        service: "s3",
        cache: this.#derived,
      });
      ({ url, headers } = await signer.sign());
    }
    const { address } = this;
    return await answer({ ...request, url, headers, client: this.#client, address });
  }
}

/** Where a bucket is: as a host of Amazon's, or a folder of another server. */
function rootOf(bucket: string, endpoint: string | undefined, region: string): string {
  if (endpoint !== undefined) {
    if (!/^https?:\/\//.test(endpoint) || !URL.canParse(endpoint)) {
      throw new UserError(`Cannot use the S3 server ${endpoint.split("@").at(-1)}`, {
        hint: "endpoint and AWS_ENDPOINT_URL look like https://host:port.",
      });
    }
    const { protocol, host, pathname } = new URL(endpoint);
    return `${protocol}//${host}${pathname.replace(/\/+$/, "")}/${bucket}`;
  }
  const zone = region.startsWith("cn-") ? "amazonaws.com.cn" : "amazonaws.com";
  // Amazon's certificate has one name before its own.
  if (bucket.includes(".")) return `https://s3.${region}.${zone}/${bucket}`;
  return `https://${bucket}.s3.${region}.${zone}`;
}

/** The bytes of a stream in pieces of one size; the last may be shorter. */
async function* inPieces(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
  size: number,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  let piece = new Uint8Array(size);
  let filled = 0;
  for await (const bytes of stream) {
    for (let at = 0; at < bytes.length;) {
      const some = bytes.subarray(at, at + size - filled);
      piece.set(some, filled);
      at += some.length;
      filled += some.length;
      if (filled < size) continue;
      yield piece;
      piece = new Uint8Array(size);
      filled = 0;
    }
  }
  if (filled > 0) yield piece.subarray(0, filled);
}
