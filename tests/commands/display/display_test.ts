import { deepEqual as equal, match } from "node:assert/strict";
import { createDisplay, type DisplayOptions } from "../../../commands/display/mod.ts";
import { formatLeft, formatProgress, formatRate } from "../../../commands/display/format.ts";
import type { Output } from "../../../commands/display/output.ts";
import type { RunEvent } from "../../../pipeline/events.ts";
import { eventSchema } from "../../../pipeline/event_schema.ts";

class Screen implements Output {
  text = "";
  constructor(readonly width?: number) {}
  write(text: string): void {
    this.text += text;
  }
  columns(): number | undefined {
    return this.width;
  }
  /** What one sees in the end: each line after its last erasure. */
  get lines(): string[] {
    return this.text.split("\n").map((line) => line.split("\r\x1b[2K").at(-1)!);
  }
}

const PROGRESS: RunEvent = {
  type: "progress",
  stage: "train",
  done: 410,
  total: 3520,
  unit: "steps",
  detail: "epoch 3/10",
  rate: 17.3,
  left: 179.8,
};
const finished = (
  stage: string,
  status: "fresh" | "ran" | "failed",
  seconds: number,
): RunEvent => ({
  type: "stage-finished",
  stage,
  kind: stage,
  status,
  key: null,
  reason: status === "ran" ? "train.epochs was 10 and is 3" : "nothing changed",
  seconds,
  ...(status === "failed" ? { error: "Cannot read a.png: it is cut\nFetch it again." } : {}),
});
const RUN: RunEvent[] = [
  { type: "run-started", name: "demo", config: "/p/demo.yaml", stages: ["preprocess", "train"] },
  finished("preprocess", "fresh", 0.001),
  { type: "stage-started", stage: "train", kind: "train", key: "k", reason: "first run" },
  PROGRESS,
  { type: "line", stage: "train", text: "epoch 0: accuracy 0.51" },
  PROGRESS,
  finished("train", "ran", 185),
  { type: "run-finished", name: "demo", exit: 0, seconds: 186, folder: "/p/outputs/demo" },
];

function show(events: RunEvent[], options: DisplayOptions & { width?: number } = {}) {
  const [out, errors] = [new Screen(options.width), new Screen()];
  let now = 0;
  const display = createDisplay({ out, errors, color: false, now: () => now, ...options });
  for (const event of events) {
    display.sink(event);
    now += 4000;
  }
  display.summarize("/p/outputs/demo/report.html");
  return { out, errors };
}

Deno.test("times left and rates are said as people say them", () => {
  equal([0.2, 40, 59, 60, 179.8, 3580, 7800].map(formatLeft), [
    "1 s left",
    "40 s left",
    "59 s left",
    "1 min left",
    "3 min left",
    "1 h left",
    "2 h 10 min left",
  ]);
  equal([812.4, 99.96, 12.34, 9.996, 0.5].map(formatRate), ["812", "100", "12.3", "10.0", "0.50"]);
});

Deno.test("progress tells place, rate and time left", () => {
  const event = PROGRESS as Extract<RunEvent, { type: "progress" }>;
  equal(formatProgress(event), "epoch 3/10  410/3520 steps  17.3 steps/s  3 min left");
  equal(
    formatProgress({ ...event, unit: "bytes", done: 5e5, total: 133e6, rate: 2e6, left: 66 }),
    "epoch 3/10  0.5/133.0 MB  2.00 MB/s  1 min left",
  );
});

Deno.test("where a terminal is narrow, rate and time left are kept", () => {
  const event = PROGRESS as Extract<RunEvent, { type: "progress" }>;
  equal(formatProgress(event, 40), "epoch 3/10  17.3 steps/s  3 min left");
  const detail = "epoch 3/10, step 410/3520, loss 1.530";
  equal(
    formatProgress({ ...event, detail }, 50),
    "epoch 3/10, step 410/...  17.3 steps/s  3 min left",
  );
});

Deno.test("on a terminal one line lives, and the others stay", () => {
  const { out } = show(RUN, { width: 80 });
  equal(out.lines, [
    "train  first run",
    "train  epoch 0: accuracy 0.51",
    "train  ran in 3 min 5 s",
    "",
    "  preprocess  fresh",
    "  train       ran    3 min 5 s  train.epochs was 10 and is 3",
    "",
    "Done in 3 min 6 s. Results are in /p/outputs/demo/; open /p/outputs/demo/report.html",
    "",
    "",
  ]);
  match(out.text, /\ntrain {2}epoch 3\/10 {2}410\/3520 steps {2}17.3 steps\/s {2}3 min left\r/);
});

Deno.test("a line of a narrow terminal is cut, so that it can be erased", () => {
  const { out } = show([PROGRESS], { width: 20 });
  equal(out.text, "train  epoch 3/1...");
});

Deno.test("without a terminal progress is a line every ten seconds and nothing is erased", () => {
  const { out } = show([PROGRESS, PROGRESS, PROGRESS, PROGRESS, PROGRESS, PROGRESS]); // 4 s apart
  equal(out.lines.filter((line) => line !== "").length, 2);
  equal(show(RUN).out.text.includes("\x1b"), false);
});

Deno.test("colours are there when they are wanted and only then", () => {
  equal(show(RUN, { width: 80, color: true }).out.text.includes("\x1b[32mran"), true);
  equal(show(RUN, { width: 80 }).out.text.includes("\x1b[3"), false);
});

Deno.test("a failure is told on standard error with what to do", () => {
  for (const options of [{}, { quiet: true }]) {
    const { out, errors } = show([...RUN.slice(0, -1), finished("evaluate", "failed", 1)], options);
    equal(errors.text, "evaluate failed: Cannot read a.png: it is cut\n  Fetch it again.\n");
    if (options.quiet) equal(out.text, "");
  }
});

Deno.test("with --json there is one event a line, each of the documented form", () => {
  const { out, errors } = show(RUN, { json: true });
  const lines = out.text.trimEnd().split("\n").map((line) => JSON.parse(line));
  equal(lines.map((line) => eventSchema.parse(line)), lines);
  equal(lines.map(({ time: _, ...event }) => event), RUN);
  equal(errors.text, "");
});
