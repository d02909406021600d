import { deepStrictEqual, match, ok } from "node:assert/strict";
import { join } from "node:path";
import { formatPage } from "../../bench/page.ts";
import { drawResults, write } from "../../bench/publish.ts";
import { secondsPerFile } from "../../bench/results.ts";
import { RESULTS, STEP } from "./made_up.ts";

const PAGE = formatPage(RESULTS, new Map([["bench-ratios", "figures/bench-ratios.svg"]]));

Deno.test("a row has times, memory, ratio and what it is meant to reach", () => {
  ok(PAGE.includes(
    "| the model in the box, top two blocks trained | 2.00 s (2.00 to 2.00) | 0.75 GB | " +
      "PyTorch 2.13.0+cpu, 2 threads | 4.50 s (3.00 to 10.00) | 1.50 GB | 2.25 (1.50 to 5.00) | " +
      "1.0, reached |",
  ));
  ok(PAGE.includes("| six stages on 6060 images | 0.42 s (0.42 to 0.42) |"));
  ok(PAGE.includes("| 2.00 (1.80 to 2.10) | 0.35 s, missed |"));
});

Deno.test("the page names machine, figures and what was left out", () => {
  match(PAGE, /on 2026-11-24: A Processor, 2 threads, 24 GB, linux x86_64, Deno 2.9.6/);
  ok(PAGE.includes("![How many times as fast as each peer](figures/bench-ratios.svg)"));
  ok(PAGE.includes("- DVC: there is no python3"));
  ok(!PAGE.includes("Other programs were running"));
  const busy = { ...RESULTS, machine: { ...RESULTS.machine, load: 3.2 } };
  ok(formatPage(busy, new Map()).includes("Other programs were running when it began (load 3.2)"));
});

Deno.test("a row without a peer still has our own numbers", () => {
  const alone = { ...RESULTS, rows: [{ ...STEP, peers: [] }], scale: [] };
  ok(
    formatPage(alone, new Map()).includes(
      "| 2.00 s (2.00 to 2.00) | 0.75 GB | – | – | – | – | 1.0 |",
    ),
  );
  deepStrictEqual(drawResults(alone), []);
});

Deno.test("an image's cost is the slope between few and many", () => {
  const found = secondsPerFile(RESULTS.rows)!; // 0.12 s for 6,000 images
  ok(Math.abs(found - 20e-6) < 1e-12);
  ok(PAGE.includes("An image more costs a run with nothing to do 20 microseconds."));
  deepStrictEqual(secondsPerFile(RESULTS.rows.slice(0, 2)), undefined);
});

Deno.test("results are written as JSON, Markdown and figures that render", async () => {
  const folder = await Deno.makeTempDir();
  await write(RESULTS, folder, false);
  deepStrictEqual(JSON.parse(await Deno.readTextFile(join(folder, "bench.json"))), RESULTS);
  const page = await Deno.readTextFile(join(folder, "bench.md"));
  for (const name of ["bench-ratios", "bench-scale"]) {
    ok(page.includes(`(figures/${name}.svg)`));
    const svg = await Deno.readTextFile(join(folder, `figures/${name}.svg`));
    match(svg, /^<svg /);
  }
  await Deno.remove(folder, { recursive: true });
});

Deno.test("figures have a point for each peer of each row, and a panel for each measure", () => {
  const [ratios, scale] = drawResults(RESULTS).map(({ spec }) => spec);
  deepStrictEqual(
    (ratios.data as { values: object[] }).values,
    [
      { peer: "PyTorch", median: 2.25, low: 1.5, high: 5, aim: 1 },
      { peer: "wireit", median: 2, low: 1.8, high: 2.1, aim: null },
      { peer: "wireit", median: 2, low: 1.8, high: 2.1, aim: null },
    ].map((values, i) => ({
      row: [
        "A training step: the model in the box, top two blocks trained",
        "A run with nothing to do: six stages on 60 images",
        "A run with nothing to do: six stages on 6060 images",
      ][i],
      ...values,
    })),
  );
  deepStrictEqual((scale.data as { values: object[] }).values, [
    { images: 1000, seconds: 20, again: 0.3, gigabytes: 0.8 },
    { images: 10000, seconds: 110, again: 0.5, gigabytes: 0.8 },
  ]);
  deepStrictEqual((scale.hconcat as object[]).length, 3);
});
