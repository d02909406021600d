import { join } from "node:path";
import { digestOf } from "../../base/digest.ts";
import { exists } from "../../base/exists.ts";
import { lazily } from "../../base/lazy.ts";
import type { Figure } from "../../figures/figure.ts";
import type { ReportDocument, Section } from "./document.ts";
import { FIGURES } from "./figures.ts";
import { readStamp } from "./stamp.ts";

const WRITE = lazily<typeof import("./write.ts")>("./write.ts", import.meta.url);

/** A page of several runs: its figures are its own, and stand in a section. */
export interface Page extends Omit<ReportDocument, "sections" | "stamp"> {
  /** What comes before the figures. */
  readonly before: readonly Section[];
  readonly figures: readonly Figure[];
  /** What comes after them. */
  readonly after: readonly Section[];
}

/**
 * Writes `report.html` and `report.md` into a folder, and the page's figures into `figures/`, unless
 * those that are there are made of the same things.
 * @returns the path of the first.
 */
export async function updatePage(folder: string, page: Page): Promise<string> {
  const path = join(folder, "report.html");
  const stamp = await digestOf(JSON.stringify(page));
  const whole = exists(join(folder, "report.md")) &&
    page.figures.every(({ name }) => exists(join(folder, FIGURES, `${name}.png`)));
  if (whole && readStamp(path) === stamp) return path;
  const { writePage } = await WRITE();
  await writePage(folder, page, stamp);
  return path;
}
