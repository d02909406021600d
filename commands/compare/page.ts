import { runCurves } from "../../figures/run_curves.ts";
import type { Block } from "../report/document.ts";
import { type Page, updatePage } from "../report/page.ts";
import { NONE } from "../view/page/format.ts";
import { sayAlike } from "../view/page/parameters.ts";
import { type Comparison, labelsOf, sweepOf } from "./comparison.ts";
import { tablesOf } from "./format.ts";

/**
 * Writes `report.html`, `report.md` and `figures/` of a comparison.
 * @returns path of the first.
 */
export async function writeComparison(folder: string, comparison: Comparison): Promise<string> {
  return await updatePage(folder, comparisonPage(comparison));
}

/** The tables of the terminal, whole, and the curves of all runs in one figure. */
function comparisonPage(comparison: Comparison): Page {
  const { runs, asked, parameters, others } = comparison;
  const labels = labelsOf(runs);
  const sweep = sweepOf(runs);
  const curves = runCurves(
    runs.map(({ epochs = [] }, i) => ({ name: labels[i], epochs })),
    { title: "Validation loss and accuracy by epoch" },
  );
  const tables = tablesOf(comparison).map((table): Block => ({
    type: "table",
    table: {
      caption: table.title,
      head: ["Run", ...table.head.slice(1)].map((cell, i) => i === 0 && !table.byRun ? "" : cell),
      rows: table.rows,
      numeric: table.right,
    },
  }));
  return {
    title: `${sweep === undefined ? "" : `${sweep}: `}${title(labels)}`,
    headline: null,
    summary: [{
      type: "text",
      text: (parameters.length === 0
        ? `${sayAlike(asked)} `
        : "Parameters that are the same in all of them are left out. ") +
        `Accuracies and losses are those of the published model; ${NONE} stands where a run has none.`,
    }],
    before: [{ id: "tables", title: "What differs", blocks: tables }],
    figures: curves === undefined ? [] : [curves],
    after: others.length === 0 ? [] : [{
      id: "besides",
      title: `Besides, from ${labels[0]}`,
      blocks: others.flatMap(({ name, sentences }): Block[] => [
        { type: "heading", text: `to ${name}` },
        {
          type: "markdown",
          stage: "page",
          source: sentences.map((sentence) => `- ${plain(sentence)}`).join("\n"),
        },
      ]),
    }],
  };
}

function title(names: readonly string[]): string {
  if (names.length <= 3) return names.join(" and ");
  return `${names.slice(0, 2).join(", ")} and ${names.length - 2} more runs`;
}

/** Text in which Markdown has nothing to say. */
function plain(text: string): string {
  return text.replaceAll(/[\\`*_<>[\]]/g, "\\$&");
}
