import type { PeerTiming, Spread, Timing } from "./measure.ts";
import { type BenchResults, type RowResult, type ScalePoint, secondsPerFile } from "./results.ts";
import { type Group, GROUPS } from "./rows.ts";

/** What each table needs to have said. */
const NOTES: Partial<Record<Group, string>> = {
  forward:
    "Float32. ViT-B/16 has random weights and 224 x 224 pixels, the model in the box 64 x 64.",
  step: "Forward, backward, clipping and AdamW, from pixels; nothing is kept from step to step.",
  engines:
    "Ours is the engine `tensorflow`, and its peers are the other two, which run where it is not to be " +
    "had: a ratio says how many times as long they take. WebGPU on an adapter that is called software " +
    "is the processor playing a GPU, for tests: it says nothing of a GPU.",
  epochs:
    "Ours computes the frozen blocks once, keeps their output on disk in float16 and trains on " +
    "that, all of which is in the time; PyTorch computes them in every epoch, as Hugging Face's " +
    "script for image classification does; it is measured on one or two of them, and the time " +
    "multiplied. Neither measures accuracies.",
  nothing:
    "The process from start to end. wireit and DVC have six stages in a row, each of which " +
    "writes one short file, on the same images.",
  sweep: "The process from start to end, from an empty store; PyTorch's run once for each rate, " +
    "of which one is measured and multiplied by nine. It draws no figures and writes no report.",
  whole: "The process from start to end, from an empty store. PyTorch scores validation images " +
    "after each epoch; ours scores all training images too, and draws figures.",
};

/** The page about one run of the benchmark, as Markdown. @param figures Paths by figure's name. */
export function formatPage(results: BenchResults, figures: ReadonlyMap<string, string>): string {
  const { machine, rows, scale, failed } = results;
  const groups = (Object.keys(GROUPS) as Group[]).filter((group) =>
    rows.some((row) => row.group === group)
  );
  const memory = (machine.memory_bytes / 1e9).toFixed(0);
  return [
    "# How fast",
    `Measured by \`deno task bench\` on ${results.started.slice(0, 10)}: ${machine.processor}, ` +
    `${machine.threads} threads, ${memory} GB, ${machine.system}, Deno ${machine.deno}. The sides ` +
    "take turns, measurement by measurement; a ratio is the peer's time by ours in the same turn " +
    "(above 1: ours is faster). Given are the median and, in brackets, the quartiles, or the " +
    "extremes of fewer than five. Memory is the largest resident size of a process that does " +
    "nothing but that row.",
    ...(results.quick
      ? ["Taken with `--quick`, on sizes that show that it works and little else."]
      : []),
    ...(machine.load > 0.5
      ? [`Other programs were running when it began (load ${machine.load.toFixed(1)}).`]
      : []),
    ...image(figures, "bench-ratios", "How many times as fast as each peer"),
    ...groups.flatMap((group) => [
      `## ${GROUPS[group]}`,
      NOTES[group]!,
      groupTable(rows.filter((row) => row.group === group)),
      ...(group === "nothing" ? perFile(rows) : []),
    ]),
    ...(scale.length > 0 ? scaleSection(scale, figures) : []),
    ...leftOut(rows, failed),
  ].join("\n\n") + "\n";
}

function groupTable(rows: readonly RowResult[]): string {
  const head = ["", "ours", "memory", "peer", "theirs", "memory", "ratio", "aim"];
  const lines = rows.flatMap((row) => {
    const own = [row.title, time(row.ours.seconds), bytes(row.ours)];
    if (row.peers.length === 0) return [[...own, "–", "–", "–", "–", aimOf(row)]];
    return row.peers.map((peer, i) => [
      ...(i === 0 ? own : ["", "", ""]),
      peer.name,
      time(peer.seconds),
      bytes(peer),
      spread(peer.ratio),
      i === 0 ? aimOf(row, peer) : "",
    ]);
  });
  return table(head, lines);
}

/** What the row is meant to reach, and whether it did. */
function aimOf({ aim, aim_seconds, ours }: RowResult, peer?: PeerTiming): string {
  if (aim_seconds !== null) {
    return `${aim_seconds} s${reached(ours.seconds.median <= aim_seconds)}`;
  }
  if (aim === null) return "";
  return `${aim.toFixed(1)}${peer ? reached(peer.ratio.median >= aim) : ""}`;
}

const reached = (is: boolean) => is ? ", reached" : ", missed";

function perFile(rows: readonly RowResult[]): string[] {
  const seconds = secondsPerFile(rows);
  if (seconds === undefined) return [];
  return [
    `An image more costs a run with nothing to do ${(seconds * 1e6).toFixed(0)} microseconds.`,
  ];
}

function scaleSection(scale: readonly ScalePoint[], figures: ReadonlyMap<string, string>) {
  return [
    "## From few images to many",
    "An image folder of 32 x 32 PNGs, and a fifth as many for testing, through preprocess, " +
    "load-pretrained, freeze (6 of 8 blocks), one epoch and evaluate; then once more.",
    ...image(figures, "bench-scale", "Time and memory by number of images"),
    table(
      ["training images", "first run", "with nothing to do", "memory"],
      scale.map(({ images, seconds, again_seconds, peak_bytes }) => [
        images.toLocaleString("en-GB"),
        duration(seconds),
        duration(again_seconds),
        peak_bytes === null ? "–" : gigabytes(peak_bytes),
      ]),
    ),
  ];
}

function leftOut(rows: readonly RowResult[], failed: BenchResults["failed"]): string[] {
  const reasons = new Map(
    rows.flatMap((row) => row.left_out).map(({ name, why }) => [name, why]),
  );
  const lines = [
    ...[...reasons].map(([name, why]) => `- ${name}: ${why}`),
    ...failed.map(({ id, why }) => `- the row ${id}: ${why}`),
  ];
  return lines.length > 0 ? ["## Left out", lines.join("\n")] : [];
}

function image(figures: ReadonlyMap<string, string>, name: string, alternative: string): string[] {
  const path = figures.get(name);
  return path === undefined ? [] : [`![${alternative}](${path})`];
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map((_, i) => i === 0 ? "---" : "--:")), ...rows.map(line)]
    .join("\n");
}

function time({ median, low, high }: Spread): string {
  return `${duration(median)} (${bare(low, median)} to ${bare(high, median)})`;
}

/** In the unit of the median. */
const bare = (seconds: number, like: number) => duration(seconds, like).replace(/ .*/, "");

function duration(seconds: number, like = seconds): string {
  if (like < 0.1) return `${(seconds * 1000).toFixed(1)} ms`;
  return `${seconds.toFixed(like < 10 ? 2 : like < 100 ? 1 : 0)} s`;
}

const spread = ({ median, low, high }: Spread) =>
  `${median.toFixed(2)} (${low.toFixed(2)} to ${high.toFixed(2)})`;

const bytes = ({ peak_bytes }: Timing) => peak_bytes === null ? "–" : gigabytes(peak_bytes);

const gigabytes = (bytes: number) => `${(bytes / 1e9).toFixed(2)} GB`;
