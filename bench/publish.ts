import { dirname, join, relative, resolve } from "node:path";
import { benchRatios } from "../figures/bench_ratios.ts";
import { benchScale } from "../figures/bench_scale.ts";
import type { Figure } from "../figures/figure.ts";
import { render } from "../figures/render.ts";
import { formatPage } from "./page.ts";
import type { BenchResults } from "./results.ts";
import { GROUPS } from "./rows.ts";

const DOCS = resolve(import.meta.dirname!, "../docs");

/** Figures of what was measured; of little there may be none. */
export function drawResults({ rows, scale }: BenchResults): Figure[] {
  const ratios = rows.flatMap(({ group, title, peers, aim }) =>
    peers.map(({ name, ratio }, i) => ({
      group: GROUPS[group],
      title,
      // Versions and threads stand in the table.
      peer: name.replace(/^(PyTorch) [\d.]+\S*, \d+ threads?$/, "$1"),
      ratio,
      aim: i === 0 ? aim : null,
    }))
  );
  const sizes = scale.map(({ images, seconds, again_seconds, peak_bytes }) => ({
    images,
    seconds,
    again: again_seconds,
    peak: peak_bytes,
  }));
  return [benchRatios(ratios), benchScale(sizes)].filter((each) => each !== undefined);
}

/**
 * Writes bench.json, bench.md and figures/ into a folder.
 * @param publish Writes docs/bench.md, and its figures to docs/images/, too.
 */
export async function write(results: BenchResults, folder: string, publish: boolean) {
  await Deno.mkdir(folder, { recursive: true });
  await Deno.writeTextFile(join(folder, "bench.json"), `${JSON.stringify(results, null, 2)}\n`);
  const figures = drawResults(results);
  await writePage(results, figures, join(folder, "bench.md"), join(folder, "figures"));
  if (publish) await writePage(results, figures, join(DOCS, "bench.md"), join(DOCS, "images"));
}

async function writePage(
  results: BenchResults,
  figures: readonly Figure[],
  page: string,
  folder: string,
): Promise<void> {
  await Deno.mkdir(folder, { recursive: true });
  const paths = new Map<string, string>();
  for (const figure of figures) {
    const { svg, png } = await render(figure);
    const path = join(folder, figure.name);
    await Deno.writeTextFile(`${path}.vl.json`, `${JSON.stringify(figure.spec, null, 2)}\n`);
    await Deno.writeTextFile(`${path}.svg`, svg);
    await Deno.writeFile(`${path}.png`, png);
    paths.set(figure.name, relative(dirname(page), `${path}.svg`));
  }
  await Deno.writeTextFile(page, formatPage(results, paths));
}
