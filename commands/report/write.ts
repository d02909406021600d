import { join } from "node:path";
import { realDisk, replaceFile } from "../../pipeline/disk.ts";
import type { Block, ReportDocument } from "./document.ts";
import { writeFigures } from "./figures.ts";
import { toHtml } from "./html.ts";
import { toMarkdown } from "./markdown.ts";
import type { Page } from "./page.ts";

/** Writes a page of several runs with its figures; its stamp, in the HTML, comes last. */
export async function writePage(folder: string, page: Page, stamp: string): Promise<void> {
  const figures = await writeFigures(folder, page.figures);
  const { title, headline, summary, before, after } = page;
  const blocks = figures.map((figure): Block => ({ type: "figure", stage: "page", figure }));
  const drawn = blocks.length > 0 ? [{ id: "figures", title: "Figures", blocks }] : [];
  const report: ReportDocument = {
    ...{ title, headline, summary, stamp },
    sections: [...before, ...drawn, ...after],
  };
  replaceFile(realDisk, join(folder, "report.md"), toMarkdown(report));
  replaceFile(realDisk, join(folder, "report.html"), toHtml(report));
}
