import { timingSafeEqual } from "node:crypto";

/** What lets a request in. */
export interface Gate {
  readonly port: number;
  readonly token: string;
}

/** A token that cannot be guessed: 32 random bytes in hexadecimal. */
export function newToken(): string {
  return crypto.getRandomValues(new Uint8Array(32)).toHex();
}

/**
 * Turns away whoever may not look, before anything is read. In this order:
 *
 * 1. 405: anything but GET; nothing here can be changed.
 * 2. 421: a Host header that is not this server's: a page of somebody else's whose name was pointed at
 *    127.0.0.1 after it was loaded (DNS rebinding).
 * 3. 403: a request that a page of another origin makes, another port of this machine included.
 * 4. 303: the address with the token; the browser keeps it as a cookie that no script can read, and
 *    goes to the address without it, so that it stands in no history and no screenshot.
 * 5. 401: a request without that cookie.
 *
 * @returns undefined where the request may be answered.
 */
export function refuse(request: Request, { port, token }: Gate): Response | undefined {
  if (request.method !== "GET") {
    return answer(405, "This server only shows: use GET", { allow: "GET" });
  }
  const hosts = [`127.0.0.1:${port}`, `localhost:${port}`];
  // A browser leaves port 80 out.
  if (port === 80) hosts.push("127.0.0.1", "localhost");
  const host = request.headers.get("host") ?? "";
  if (!hosts.includes(host)) return answer(421, `This server is ${hosts[0]} and nobody else`);
  if (!isFromHere(request, host)) return answer(403, "Another page may not read this one");
  const url = new URL(request.url);
  const cookie = `vitrine-view-${port}`;
  const given = url.pathname === "/" ? url.searchParams.get("token") : null;
  if (given !== null && isSame(given, token)) {
    return new Response(null, {
      status: 303,
      headers: {
        location: "/",
        "set-cookie": `${cookie}=${token}; HttpOnly; SameSite=Strict; Path=/`,
      },
    });
  }
  const kept = cookieOf(request, cookie);
  if (kept !== undefined && isSame(kept, token)) return undefined;
  return answer(401, "Open the whole address that deno task view printed, with its token");
}

/** Whether it is this server's own page that asks, or a person who typed or clicked an address. */
function isFromHere(request: Request, host: string): boolean {
  const origin = request.headers.get("origin");
  if (origin !== null && origin !== `http://${host}`) return false;
  // Browsers that do not send it send Origin where it matters; programs send neither.
  return ["same-origin", "none", null].includes(request.headers.get("sec-fetch-site"));
}

function cookieOf(request: Request, name: string): string | undefined {
  const pairs = (request.headers.get("cookie") ?? "").split(";").map((pair) => pair.trim());
  return pairs.find((pair) => pair.startsWith(`${name}=`))?.slice(name.length + 1);
}

/** In a time that does not tell how much of it is right. */
function isSame(given: string, token: string): boolean {
  const [a, b] = [given, token].map((text) => new TextEncoder().encode(text));
  return a.length === b.length && timingSafeEqual(a, b);
}

/** A short answer in plain words. */
export function answer(
  status: number,
  text: string,
  headers: Readonly<Record<string, string>> = {},
): Response {
  return new Response(`${text}\n`, {
    status,
    headers: { "content-type": "text/plain; charset=utf-8", ...headers },
  });
}

/**
 * What the viewer's own page may do: run this server's modules, and ask this server. No text becomes
 * markup, whatever a run's names hold (`require-trusted-types-for`).
 */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
].join("; ");

/** Adds to an answer what every answer carries. */
export function secured(response: Response): Response {
  const headers: Record<string, string> = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "x-frame-options": "DENY",
  };
  for (const [name, value] of Object.entries(headers)) response.headers.set(name, value);
  for (
    const [name, value] of [["content-security-policy", POLICY], ["cache-control", "no-cache"]]
  ) {
    if (!response.headers.has(name)) response.headers.set(name, value);
  }
  return response;
}
