/** `deno task bench`: measures Vitrine beside its peers on the same work, in turn. */
import { join, resolve } from "node:path";
import os from "node:os";
import { sentenceOf, UserError } from "../base/errors.ts";
import { CommandLineError, type CommandSpec, helpText, parseCommandLine } from "../commands/cli.ts";
import { THREADS_OPTION } from "../commands/options.ts";
import { printError } from "../commands/print_error.ts";
import { realDisk } from "../pipeline/disk.ts";
import { nearest } from "../pipeline/suggest.ts";
import { type Effort, measureInTurn } from "./measure.ts";
import { Peers } from "./peers.ts";
import { write } from "./publish.ts";
import type { BenchResults, RowResult, ScalePoint } from "./results.ts";
import { type Row, ROWS, type Setting } from "./rows.ts";
import { measureScale, SCALES } from "./scale.ts";
import type { Side } from "./side.ts";

const ROOT = resolve(import.meta.dirname!, "..");
/** The curves against the number of images, as `--only` calls them. */
const SCALE = "scale";

const SPEC: CommandSpec = {
  name: "bench",
  summary: "Measures time and memory beside PyTorch, wireit and DVC, on the same work and in turn",
  usage: "",
  options: [
    {
      name: "only",
      value: "ROW",
      repeat: true,
      description: "Measure this row, or those that begin so: forward, step-base-all",
    },
    { name: "list", description: "Print the rows' names" },
    { name: "quick", short: "q", description: "Two rounds on small sizes: shows that it works" },
    { name: "long", description: "Also what takes minutes a round" },
    { name: "alone", description: "Without peers" },
    {
      name: "python",
      value: "PATH",
      description: "An interpreter with torch and transformers; default: one is installed",
    },
    THREADS_OPTION,
    { name: "json", description: "Print the results as JSON" },
    { name: "out", value: "DIR", description: "Where results go; default: outputs/.bench" },
    {
      name: "add",
      description: "Keep those rows of an earlier bench in DIR that are not measured",
    },
    { name: "publish", description: "Write docs/bench.md and its figures too" },
  ],
  example: "deno task bench --only forward --only step",
};

const say = (text: string) => console.error(text);

async function main(args: readonly string[]): Promise<number> {
  const line = parseCommandLine(args, SPEC);
  if (line.flag("help")) {
    console.log(helpText(SPEC));
    return 0;
  }
  if (line.flag("list")) {
    console.log([...ROWS.map(({ id }) => id), SCALE].join("\n"));
    return 0;
  }
  const [quick, long, only] = [line.flag("quick"), line.flag("long"), line.list("only")];
  const rows = chooseRows(only, long);
  const scales = only.length > 0 && !only.includes(SCALE)
    ? []
    : quick
    ? SCALES.quick
    : long
    ? SCALES.long
    : SCALES.usual;
  const out = resolve(line.text("out") ?? join(ROOT, "outputs/.bench"));
  const work = join(out, `work-${Deno.pid}`);
  const threads = line.number("threads") ?? navigator.hardwareConcurrency;
  const peers = new Peers({ python: line.text("python"), alone: line.flag("alone"), say });
  const clean = () => realDisk.remove(work);
  Deno.addSignalListener("SIGINT", () => (clean(), Deno.exit(130)));

  const kept = line.flag("add") ? await keptOf(out, rows, scales) : { rows: [], scale: [] };
  let results: BenchResults = {
    started: new Date().toISOString(),
    machine: describeMachine(threads),
    quick,
    ...kept,
    failed: [],
  };
  try {
    for (const row of rows) {
      await Deno.mkdir(work, { recursive: true });
      try {
        const result = await measureRow(row, { peers, threads, quick, folder: work });
        results = { ...results, rows: inOrder([...results.rows, result]) };
      } catch (error) {
        results = failedAt(results, row.id, error);
      }
      clean();
      await write(results, out, line.flag("publish"));
    }
    for (const images of scales) {
      try {
        say(`${SCALE}: ${images.toLocaleString("en-GB")} images`);
        const point: ScalePoint = await measureScale(work, images, threads);
        results = {
          ...results,
          scale: [...results.scale, point].sort((a, b) => a.images - b.images),
        };
      } catch (error) {
        results = failedAt(results, `${SCALE}, ${images} images`, error);
      }
      clean();
      await write(results, out, line.flag("publish"));
    }
  } finally {
    clean();
  }
  console.log(
    line.flag("json")
      ? JSON.stringify(results, null, 2)
      : await Deno.readTextFile(join(out, "bench.md")),
  );
  say(`\n${out}`);
  return results.failed.length > 0 ? 1 : 0;
}

/** What an earlier bench left in a folder, without what is to be measured anew. */
async function keptOf(
  out: string,
  rows: readonly Row[],
  scales: readonly number[],
): Promise<Pick<BenchResults, "rows" | "scale">> {
  const path = join(out, "bench.json");
  const text = await Deno.readTextFile(path).catch(() => {
    throw new UserError(`Cannot add to ${path}: there is none`);
  });
  const before: BenchResults = JSON.parse(text);
  return {
    rows: before.rows.filter(({ id }) => rows.every((row) => row.id !== id)),
    scale: before.scale.filter(({ images }) => !scales.includes(images)),
  };
}

/** As they are listed, whenever each was measured. */
function inOrder(rows: readonly RowResult[]): RowResult[] {
  const at = (id: string) => ROWS.findIndex((row) => row.id === id);
  return rows.toSorted((a, b) => at(a.id) - at(b.id));
}

function failedAt(results: BenchResults, id: string, error: unknown): BenchResults {
  const why = reasonOf(error);
  say(`${id} failed: ${why}`);
  return { ...results, failed: [...results.failed, { id, why }] };
}

/** On one line. */
function reasonOf(error: unknown): string {
  return sentenceOf(error).replace(/\s+/g, " ");
}

async function measureRow(row: Row, setting: Setting): Promise<RowResult> {
  const title = row.title(setting.quick);
  say(`${row.id}: ${title}`);
  const left: { name: string; why: string }[] = [];
  await using sides = new AsyncDisposableStack();
  const opened: Side[] = [sides.use(await row.ours(setting))];
  for (const peer of row.peers) {
    try {
      opened.push(sides.use(await peer.open(setting)));
    } catch (error) {
      const why = reasonOf(error);
      left.push({ name: peer.name, why });
      say(`  ${peer.name} left out: ${why}`);
    }
  }
  const measured = await measureInTurn(opened, effortOf(row, setting.quick), (done, total) => {
    if (done === total) say(`  ${total} rounds`);
  });
  for (const { name, ratio } of measured.peers) {
    say(`  ${name}: ${ratio.median.toFixed(2)} times our time`);
  }
  const { id, group, aim = null, aimSeconds: aim_seconds = null } = row;
  return { id, group, title, aim, aim_seconds, ...measured, left_out: left };
}

function effortOf({ fewest = 5 }: Row, quick: boolean): Effort {
  if (quick) return { fewest: Math.min(2, fewest), most: 2, seconds: 0 };
  return { fewest, most: Math.max(21, fewest), seconds: 60 };
}

function chooseRows(only: readonly string[], long: boolean): Row[] {
  const names = [...ROWS.map(({ id }) => id), SCALE];
  for (const name of only) {
    if (names.some((id) => id.startsWith(name))) continue;
    const near = nearest(name, names);
    throw new CommandLineError(
      `Cannot find the row "${name}"${near ? `: did you mean "${near}"?` : ""}`,
      { hint: "deno task bench --list prints all names" },
    );
  }
  return ROWS.filter(({ id, when }) => {
    if (only.includes(id)) return true;
    if (when === "named" || (when === "long" && !long)) return false;
    // The whole name of one row is not the beginning of another's.
    const beginnings = only.filter((name) => !names.includes(name));
    return only.length === 0 || beginnings.some((name) => id.startsWith(name));
  });
}

function describeMachine(threads: number): BenchResults["machine"] {
  return {
    system: `${Deno.build.os} ${Deno.build.arch}`,
    processor: os.cpus()[0]?.model.trim() ?? "unknown processor",
    threads,
    memory_bytes: Deno.systemMemoryInfo().total,
    deno: Deno.version.deno,
    load: Deno.loadavg()[0],
  };
}

try {
  Deno.exit(await main(Deno.args));
} catch (error) {
  printError(error, Deno.args.includes("--debug"));
  Deno.exit(error instanceof UserError ? 2 : 1);
}
