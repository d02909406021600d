/// <reference lib="dom" />
import type { AttentionMessage, LiveMessage, RunMessage, RunsMessage } from "../messages.ts";
import { element } from "./dom.ts";

/** Milliseconds between two looks at the table of runs. */
const INTERVAL = 2000;

/** What the server says where it has no answer. */
export class NoAnswer extends Error {
  readonly status: number;

  constructor(status: number, text: string) {
    super(text.trim());
    this.status = status;
  }
}

async function ask(path: string, query: Readonly<Record<string, string>>): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(`/api/${path}?${new URLSearchParams(query)}`, { cache: "no-cache" });
  } catch {
    connected(false);
    throw new NoAnswer(0, "The viewer is no longer running: start deno task view again");
  }
  connected(true);
  if (!response.ok) throw new NoAnswer(response.status, await response.text());
  return response;
}

/** What lies in a run's folder. */
export async function askRun(name: string): Promise<RunMessage> {
  return await (await ask("run", { name })).json();
}

/** What a stage published of attention. */
export async function askAttention(name: string, stage: string): Promise<AttentionMessage> {
  return await (await ask("attention", { name, stage })).json();
}

/** Numbers of attention.safetensors; `at` chooses along the leading axes. */
export async function askTensor(
  name: string,
  stage: string,
  tensor: string,
  at: readonly number[],
): Promise<ArrayBuffer> {
  const query = { name, stage, tensor, at: at.join(",") };
  return await (await ask("attention/tensor", query)).arrayBuffer();
}

/** A JSON file of a run's folder. */
export async function askFile(path: string): Promise<unknown> {
  const response = await fetch(filePath(path));
  if (!response.ok) throw new NoAnswer(response.status, await response.text());
  return await response.json();
}

/** Where a file of `outputs/` is to be had. */
export function filePath(path: string): string {
  return `/files/${path.split("/").map(encodeURIComponent).join("/")}`;
}

/**
 * Asks for the table of runs again and again while the page is looked at, and says where it changed.
 * @param signal Ends it.
 */
export async function pollRuns(
  signal: AbortSignal,
  changed: (message: RunsMessage) => void,
): Promise<void> {
  let etag: string | null = null;
  while (!signal.aborted) {
    try {
      const headers: HeadersInit = etag === null ? {} : { "if-none-match": etag };
      const response: Response = await fetch("/api/runs", { headers, cache: "no-store", signal });
      connected(response.ok || response.status === 304);
      if (response.ok) {
        etag = response.headers.get("etag");
        changed(await response.json());
      }
    } catch {
      if (!signal.aborted) connected(false);
    }
    await pause(signal);
  }
}

/** Waits for the next look: longer where the page is hidden, until it is shown. */
function pause(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      if (document.hidden && !signal.aborted) return;
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", done);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, INTERVAL);
    document.addEventListener("visibilitychange", done);
    signal.addEventListener("abort", done);
  });
}

/** Listens to what happens in a run. A connection that breaks is made again, and all told anew. */
export function listen(
  name: string,
  signal: AbortSignal,
  heard: (message: LiveMessage) => void,
): void {
  const source = new EventSource(`/api/live?${new URLSearchParams({ name })}`);
  source.onmessage = (message) => {
    connected(true);
    heard(JSON.parse(message.data));
  };
  source.onerror = () => connected(false);
  signal.addEventListener("abort", () => source.close());
}

function connected(is: boolean): void {
  const text = is ? "" : "No connection: what is shown may be out of date";
  const place = element("connection");
  if (place.textContent !== text) place.textContent = text;
}
