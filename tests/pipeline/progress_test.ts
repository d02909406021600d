import { deepEqual as equal, ok } from "node:assert/strict";
import { ProgressMeter } from "../../pipeline/progress.ts";

Deno.test("progress comes ten times a second at most, and always at the end", () => {
  let now = 0;
  const meter = new ProgressMeter("train", () => now);
  const told: number[] = [];
  for (let done = 0; done <= 100; done++, now += 10) {
    if (meter.update(done, 100, "steps")) told.push(done);
  }
  equal(told, [0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100]);
});

Deno.test("the rate is that of the last seconds, and the time left follows from it", () => {
  let now = 0;
  const meter = new ProgressMeter("train", () => now);
  equal(meter.update(0, 1000, "images")!.rate, 0);
  equal(meter.update(0, 1000, "images"), undefined);
  // 10 s at 10 images a second, then 10 s at 50.
  let done = 0;
  for (; now < 10_000; now += 1000) meter.update(done += 10, 1000, "images");
  for (; now < 20_000; now += 1000) meter.update(done += 50, 1000, "images");
  const event = meter.update(done += 50, 1000, "images", "epoch 1/2")!;
  equal(event.rate, 50);
  equal(event.left, (1000 - done) / 50);
  equal(event.detail, "epoch 1/2");
});

Deno.test("a new round starts with a new rate", () => {
  let now = 0;
  const meter = new ProgressMeter("train", () => now);
  meter.update(0, 100, "images");
  now = 1000;
  equal(meter.update(100, 100, "images")!.rate, 100);
  now = 5000;
  const event = meter.update(0, 100, "images")!;
  equal(event.rate, 0);
  equal(event.left, null);
  now = 6000;
  ok(meter.update(20, 100, "images")!.rate === 20);
});
