import { join } from "node:path";
import { pause } from "../../base/pause.ts";
import type { TimedEvent } from "../../pipeline/events.ts";
import { isRunning } from "../../pipeline/running.ts";
import { type RunRecord, runSchema } from "../../pipeline/schemas.ts";
import { IN_PLACE, readJson } from "../results.ts";
import { LogFile } from "./log_file.ts";
import type { LiveMessage } from "./messages.ts";

/** Milliseconds between two looks at a log. */
const INTERVAL = 250;
/** Looks after which something is sent, so that a page that has gone is noticed. */
const SIGN_OF_LIFE = 60;

/**
 * Tells a page what happens in a run, as server-sent events: first all that its log holds, then what
 * is added to it. Where the run is begun anew, all of the new log comes again.
 *
 * @param name Folder in `outputs/`.
 */
export function followRun(outputs: string, name: string, signal: AbortSignal): Response {
  const gone = new AbortController();
  const stop = AbortSignal.any([signal, gone.signal]);
  const encoder = new TextEncoder();
  const body = new ReadableStream<Uint8Array>({
    async start(controller) {
      try {
        for await (const text of messages(outputs, name, stop)) {
          controller.enqueue(encoder.encode(text));
        }
        controller.close();
      } catch (error) {
        if (!stop.aborted) controller.error(error);
      }
    },
    cancel: () => gone.abort(),
  });
  return new Response(body, { headers: { "content-type": "text/event-stream" } });
}

async function* messages(
  outputs: string,
  name: string,
  signal: AbortSignal,
): AsyncGenerator<string> {
  using run = new RunSource(outputs, name);
  let last = "";
  for (let quiet = 0; !signal.aborted; quiet++) {
    const message = await run.look();
    const state = `${message.there} ${message.running}`;
    if (message.whole || message.events.length > 0 || state !== last) {
      yield `data: ${JSON.stringify(message)}\n\n`;
      quiet = 0;
    } else if (quiet >= SIGN_OF_LIFE) {
      yield ":\n\n";
      quiet = 0;
    }
    last = state;
    await pause(INTERVAL, signal).catch(() => {}); // aborted: the loop ends
  }
}

/** Where the news of a run come from: its log, or its `run.json` where that is all there is. */
class RunSource implements Disposable {
  readonly #outputs: string;
  readonly #name: string;
  readonly #log: LogFile;
  #record = "";

  constructor(outputs: string, name: string) {
    this.#outputs = outputs;
    this.#name = name;
    this.#log = new LogFile(join(outputs, name, "events.jsonl"));
  }

  async look(): Promise<LiveMessage> {
    // First whether it runs: what a run that ends just now has written is then read below.
    const running = isRunning(this.#outputs, this.#name);
    const news = this.#log.read();
    if (news !== undefined) {
      this.#record = "";
      return { there: true, running, ...news };
    }
    const record = await readJson(join(this.#outputs, this.#name, "run.json"), runSchema);
    const text = record === undefined ? "" : JSON.stringify(record);
    const whole = text !== this.#record;
    this.#record = text;
    const events = whole && record !== undefined ? eventsOf(record) : [];
    return { there: record !== undefined, running, whole, events };
  }

  [Symbol.dispose](): void {
    this.#log[Symbol.dispose]();
  }
}

/** What the log of a run has told in the end, of its `run.json`; the moments are not known. */
function eventsOf({ name, config, seed, started: time, seconds, stages }: RunRecord): TimedEvent[] {
  const exit = stages.every(({ status }) => IN_PLACE.includes(status) || status === "not reached");
  return [
    { time, type: "run-started", name, config, seed, stages: stages.map(({ name }) => name) },
    ...stages.map(({ name: stage, ...rest }): TimedEvent => (
      { time, type: "stage-finished", stage, ...rest }
    )),
    { time, type: "run-finished", name, exit: exit ? 0 : 1, seconds, folder: "" },
  ];
}
