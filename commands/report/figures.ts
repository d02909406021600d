import { join } from "node:path";
import type { Figure } from "../../figures/figure.ts";
import { realDisk, replaceFile } from "../../pipeline/disk.ts";
import { RENDERER } from "../code.ts";
import type { ReportFigure } from "./document.ts";

/** Folder of a page's figures beside it. */
export const FIGURES = "figures";

/**
 * Draws the figures of a page into `figures/` beside it, in the form in which those of a stage are:
 * `NAME.vl.json`, `NAME.svg` and `NAME.png` for each, and `figures.json`.
 */
export async function writeFigures(
  folder: string,
  figures: readonly Figure[],
): Promise<ReportFigure[]> {
  const place = join(folder, FIGURES);
  const { render } = await RENDERER.load();
  const drawn: ReportFigure[] = [];
  for (const figure of figures) {
    const { name, title, description, spec } = figure;
    const { svg, png } = await render(figure);
    replaceFile(realDisk, join(place, `${name}.vl.json`), JSON.stringify(spec, null, 2) + "\n");
    replaceFile(realDisk, join(place, `${name}.svg`), svg);
    replaceFile(realDisk, join(place, `${name}.png`), png);
    drawn.push({ name, title, description, svg, png: `${FIGURES}/${name}.png` });
  }
  const list = drawn.map(({ name, title, description }) => ({ name, title, description }));
  replaceFile(realDisk, join(place, "figures.json"), JSON.stringify(list, null, 2) + "\n");
  return drawn;
}
