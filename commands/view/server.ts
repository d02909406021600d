import { messageOf } from "../../base/errors.ts";
import { answerApi } from "./api.ts";
import { serveFile } from "./files.ts";
import { newToken, refuse, secured } from "./guard.ts";
import { RunTable } from "./runs.ts";
import { servePage } from "./static.ts";

/** What is shown, and where. */
export interface ViewOptions {
  /** Absolute path of the project's `outputs/`. */
  readonly outputs: string;
  /** 0 for any that is free. */
  readonly port: number;
}

/** A server that is at work. */
export interface View {
  /** With the token: whoever has it may look. */
  readonly address: string;
  readonly port: number;
  /** Ends it, open pages or not. */
  close(): Promise<void>;
  readonly finished: Promise<void>;
}

/**
 * Shows `outputs/` on this machine's loopback address. It reads only, and answers nobody who has not
 * been given its address.
 * @throws {Deno.errors.AddrInUse} if the port is taken.
 */
export function serveView({ outputs, port: wanted }: ViewOptions): View {
  const token = newToken();
  const stop = new AbortController();
  const runs = new RunTable(outputs);
  const answer = async (request: Request): Promise<Response> => {
    const url = new URL(request.url);
    if (url.pathname.startsWith("/files/")) return await serveFile(outputs, url.pathname);
    if (url.pathname.startsWith("/api/")) {
      return await answerApi({ outputs, runs, url, request, signal: stop.signal });
    }
    return await servePage(url.pathname);
  };
  const server = Deno.serve({
    hostname: "127.0.0.1",
    // Ends answers that nobody reads on, too: a download that was stopped would be waited for.
    signal: stop.signal,
    port: wanted,
    onListen: () => {},
    async handler(request) {
      const refused = refuse(request, { port: server.addr.port, token });
      if (refused !== undefined) return secured(refused);
      try {
        return secured(await answer(request));
      } catch (error) {
        console.error(`Cannot answer ${new URL(request.url).pathname}: ${messageOf(error)}`);
        return secured(new Response("The server could not read this\n", { status: 500 }));
      }
    },
  });
  const { port } = server.addr;
  return {
    address: `http://127.0.0.1:${port}/?token=${token}`,
    port,
    finished: server.finished,
    async close() {
      stop.abort();
      runs.close();
      await server.shutdown();
    },
  };
}
