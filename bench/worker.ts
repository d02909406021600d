/**
 * Our side of one row: `deno run -A bench/worker.ts WORK THREADS [ENGINE]`. Prints what bench/work.ts calls
 * {@linkcode Ready}, then for each line `go N` on its input does the work N times and prints
 * `{ "seconds": … }`. bench/worker.py is the same in PyTorch.
 */
import { createInterface } from "node:readline/promises";
import process from "node:process";
import type { EngineName } from "../engine/mod.ts";
import { openEngine } from "../engine/open.ts";
import { prepare } from "./our_work.ts";
import type { Ready, Work } from "./work.ts";

async function main([json, threads, name = "auto"]: readonly string[]): Promise<void> {
  const work: Work = JSON.parse(json);
  const engine = await openEngine({ name: name as EngineName | "auto", threads: Number(threads) });
  const once = await prepare(work);

  let check: number | null = null;
  const time = async (repeats: number) => {
    const started = performance.now();
    for (let i = 0; i < repeats; i++) check = await once();
    return (performance.now() - started) / 1000;
  };
  const seconds = await time(1);
  const ready: Ready = { name: engine.description, check, seconds };
  console.log(JSON.stringify(ready));
  for await (const line of createInterface({ input: process.stdin })) {
    const repeats = Number(line.replace(/^go /, ""));
    console.log(JSON.stringify({ seconds: await time(repeats) }));
  }
}

await main(Deno.args);
