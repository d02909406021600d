import { digestOf } from "../../base/digest.ts";
import { answerAttention } from "./attention.ts";
import { readDetail } from "./detail.ts";
import { behind, namesIn } from "./files.ts";
import { answer } from "./guard.ts";
import { followRun } from "./live.ts";
import type { RunTable } from "./runs.ts";

/** A question of the page, and what it is answered from. */
export interface Question {
  readonly outputs: string;
  readonly runs: RunTable;
  readonly url: URL;
  readonly request: Request;
  /** Aborted where the server ends. */
  readonly signal: AbortSignal;
}

/** Answers `/api/…`. A run is named by `name`, its folder in `outputs/`. */
export async function answerApi(question: Question): Promise<Response> {
  const { outputs, url, request, runs, signal } = question;
  if (url.pathname === "/api/runs") return await json(await runs.read(), request);
  const name = url.searchParams.get("name") ?? "";
  const names = namesIn(encodeURI(name));
  if (names === undefined || names.length > 2) {
    return answer(400, "A run is named by its folder in outputs/, or SWEEP/POINT");
  }
  if (await behind(outputs, names) === undefined) return missing(name);
  switch (url.pathname) {
    case "/api/run": {
      const detail = await readDetail(outputs, name);
      return detail === undefined ? missing(name) : await json(detail, request);
    }
    case "/api/live":
      return followRun(outputs, name, signal);
    case "/api/attention":
    case "/api/attention/tensor":
      return await answerAttention(question, name);
    default:
      return answer(404, "There is no such question");
  }
}

function missing(name: string): Response {
  return answer(404, `There is no run ${JSON.stringify(name)} in outputs/`);
}

/** JSON that a page which has it already is not sent again. */
export async function json(value: unknown, request: Request): Promise<Response> {
  const text = JSON.stringify(value);
  const etag = `"${(await digestOf(text)).slice(0, 32)}"`;
  if (request.headers.get("if-none-match") === etag) {
    return new Response(null, { status: 304, headers: { etag } });
  }
  return new Response(text, { headers: { "content-type": "application/json", etag } });
}
