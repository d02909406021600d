import type { BenchResults, RowResult } from "../../bench/results.ts";

const GB = 1e9;

/** A row whose four turns took ours 2 s each and PyTorch 3, 4, 5 and 10 s. */
export const STEP: RowResult = {
  id: "step-box-2",
  group: "step",
  title: "the model in the box, top two blocks trained",
  aim: 1,
  aim_seconds: null,
  ours: { name: "Vitrine", seconds: { median: 2, low: 2, high: 2, of: 4 }, peak_bytes: 0.75 * GB },
  peers: [{
    name: "PyTorch 2.13.0+cpu, 2 threads",
    seconds: { median: 4.5, low: 3, high: 10, of: 4 },
    peak_bytes: 1.5 * GB,
    ratio: { median: 2.25, low: 1.5, high: 5, of: 4 },
  }],
  left_out: [],
};

const nothing = (images: number, seconds: number): RowResult => ({
  id: `nothing-${images}`,
  group: "nothing",
  title: `six stages on ${images} images`,
  aim: null,
  aim_seconds: 0.35,
  ours: {
    name: "Vitrine",
    seconds: { median: seconds, low: seconds, high: seconds, of: 10 },
    peak_bytes: 0.1 * GB,
  },
  peers: [{
    name: "wireit",
    seconds: { median: 0.6, low: 0.5, high: 0.7, of: 10 },
    peak_bytes: null,
    ratio: { median: 2, low: 1.8, high: 2.1, of: 10 },
  }],
  left_out: [{ name: "DVC", why: "there is no python3" }],
});

/** What a benchmark of three rows and two sizes gave. */
export const RESULTS: BenchResults = {
  started: "2026-11-24T12:00:00.000Z",
  machine: {
    system: "linux x86_64",
    processor: "A Processor",
    threads: 2,
    memory_bytes: 24 * GB,
    deno: "2.9.6",
    load: 0.1,
  },
  quick: false,
  rows: [STEP, nothing(60, 0.3), nothing(6060, 0.42)],
  scale: [
    { images: 1000, seconds: 20, again_seconds: 0.3, peak_bytes: 0.8 * GB },
    { images: 10000, seconds: 110, again_seconds: 0.5, peak_bytes: 0.8 * GB },
  ],
  failed: [],
};
