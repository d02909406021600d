import { deepStrictEqual as equal, ok } from "node:assert/strict";
import { join } from "node:path";
import { followRun } from "../../../commands/view/live.ts";
import { LogFile, parseEvents } from "../../../commands/view/log_file.ts";
import type { LiveMessage } from "../../../commands/view/messages.ts";
import { epochIn, fold, type LoggedRun } from "../../../commands/view/page/fold.ts";
import { epochLine } from "../../../stages/train/epoch_line.ts";
import { beginning, finished, line, Outputs, progress } from "./outputs.ts";

const EVENTS = [
  ...beginning("live"),
  progress("train", 10, 3),
  progress("train", 20, 4),
  line("train", "epoch 1/2: training loss 1.5000, accuracy 40.00%; validation none", 5),
  progress("train", 30, 6),
  progress("train", 60, 7),
];

Deno.test("a page that is opened late comes to the same as one that was open all along", () => {
  for (let cut = 0; cut <= EVENTS.length; cut++) {
    const lines = EVENTS.map((event) => JSON.stringify(event));
    const early = EVENTS.reduce<LoggedRun | undefined>(
      (run, event) => fold(run, [event]),
      undefined,
    );
    const late = fold(
      fold(undefined, parseEvents(lines.slice(0, cut))),
      parseEvents(lines.slice(cut)),
    );
    equal(late, early);
  }
});

Deno.test("what a log tells of a stage: why it runs, how far it is, what it measured", () => {
  const train = fold(undefined, EVENTS)!.stages[1];
  equal(train.status, "at work");
  equal(train.reason, "train.epochs was 1 and is 2");
  equal(train.progress?.done, 60);
  equal(train.epochs, [{
    ...{ epoch: 0, train_loss: 1.5, train_accuracy: 0.4 },
    ...{ validation_loss: null, validation_accuracy: null },
  }]);
  const ended = fold(fold(undefined, EVENTS), [finished("train", 9)])!.stages[1];
  equal([ended.status, ended.progress], ["ran", null]);
});

Deno.test("what train says of an epoch is read as it was meant", () => {
  const scores = { epoch: 11, train_loss: 0.5, train_accuracy: 0.75 };
  for (const [loss, accuracy] of [[0.25, 0.5], [null, null]]) {
    const epoch = { ...scores, validation_loss: loss, validation_accuracy: accuracy };
    equal(epochIn(epochLine(epoch, 20)), epoch);
  }
  equal(epochIn("epoch 3 is near"), undefined);
});

Deno.test("a log is read on where it grows, and anew where a new run began it anew", async () => {
  await using outputs = await Outputs.create();
  using file = new LogFile(join(outputs.path, "live", "events.jsonl"));
  equal(file.read(), undefined);
  outputs.say("live", ...EVENTS.slice(0, 2));
  equal(file.read(), { whole: true, events: EVENTS.slice(0, 2) });
  equal(file.read(), { whole: false, events: [] });
  // A line that is still being written, cut inside a letter of two bytes.
  const text = new TextEncoder().encode(JSON.stringify(line("train", "größer", 8)) + "\n");
  const path = join(outputs.path, "live", "events.jsonl");
  const middle = text.indexOf(0xc3) + 1;
  Deno.writeFileSync(path, text.subarray(0, middle), { append: true });
  equal(file.read(), { whole: false, events: [] });
  Deno.writeFileSync(path, text.subarray(middle), { append: true });
  equal(file.read(), { whole: false, events: [line("train", "größer", 8)] });
  Deno.removeSync(path);
  outputs.say("live", ...EVENTS); // longer than what was read
  equal(file.read()?.whole, true);
  Deno.removeSync(path);
  equal(file.read(), undefined);
});

Deno.test("a page is told all that was, then what comes, and that a run is gone", async () => {
  await using outputs = await Outputs.create();
  outputs.say("live", ...EVENTS.slice(0, 3));
  const stop = new AbortController();
  const messages = messagesIn(followRun(outputs.path, "live", stop.signal));
  const next = async () => (await messages.next()).value as LiveMessage;
  const first = await next();
  equal([first.there, first.running, first.whole], [true, false, true]);
  equal(first.events, EVENTS.slice(0, 3));
  outputs.say("live", EVENTS[3]);
  equal(await next(), { there: true, running: false, whole: false, events: [EVENTS[3]] });
  Deno.removeSync(join(outputs.path, "live"), { recursive: true });
  equal((await next()).there, false);
  stop.abort();
  ok((await messages.next()).done);
});

Deno.test("of a run without a log its run.json tells what the log would", async () => {
  await using outputs = await Outputs.create();
  outputs.run("old");
  const stop = new AbortController();
  const messages = messagesIn(followRun(outputs.path, "old", stop.signal));
  const { whole, events } = (await messages.next()).value as LiveMessage;
  const run = fold(undefined, events)!;
  equal(whole, true);
  equal(run.stages.map(({ name, status }) => [name, status]), [
    ["preprocess", "ran"],
    ["train", "ran"],
    ["visualize", "ran"],
  ]);
  equal(run.end, { exit: 0, seconds: 65 });
  stop.abort();
  await messages.return(undefined);
});

async function* messagesIn(response: Response): AsyncGenerator<LiveMessage> {
  let text = "";
  for await (const part of response.body!.pipeThrough(new TextDecoderStream())) {
    const blocks = (text + part).split("\n\n");
    text = blocks.pop()!;
    for (const block of blocks) {
      if (block.startsWith("data: ")) yield JSON.parse(block.slice("data: ".length));
    }
  }
}
