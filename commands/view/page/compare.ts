/// <reference lib="dom" />
import type { RunMessage } from "../messages.ts";
import { MOST_CURVES } from "./chart.ts";
import { askRun, NoAnswer } from "./client.ts";
import { measureChart, MEASURES, seriesOf } from "./curves.ts";
import { h, table } from "./dom.ts";
import { formatLoss, formatShare, NONE } from "./format.ts";
import { runLink } from "./links.ts";
import { stateMark } from "./marks.ts";
import { differingParameters, sayAlike, stagesOfSome } from "./parameters.ts";

/** Curves and results of chosen runs, and what they were asked to do otherwise. */
export async function showComparison(
  place: HTMLElement,
  query: URLSearchParams,
  signal: AbortSignal,
): Promise<void> {
  const names = [...new Set(query.getAll("name"))];
  if (names.length < 2 || names.length > MOST_CURVES) {
    throw new NoAnswer(
      400,
      `From 2 to ${MOST_CURVES} runs can be compared: tick them in the table.`,
    );
  }
  const runs = await Promise.all(names.map(askRun));
  if (signal.aborted) return;
  const labels = labelsOf(names);
  const trained = runs.map(({ epochs, published }, i) => ({ epochs, published, name: labels[i] }))
    .filter(({ epochs }) => epochs.length > 0);
  const measures = Object.keys(MEASURES) as (keyof typeof MEASURES)[];
  place.replaceChildren(
    h("h1", {}, `${runs.length} runs side by side`),
    h("p", {}, h("a", { href: "#/" }, "All runs")),
    resultTable(runs, labels),
    parameterTable(runs, labels),
    ...stageTable(runs, labels),
    h("h2", {}, "Curves"),
    trained.length === 0 ? h("p", {}, "None of these runs has trained anything yet.") : h(
      "div",
      { class: "charts" },
      ...measures.map((measure) =>
        measureChart(
          measure,
          trained.map(({ name, epochs, published }) => seriesOf(name, epochs, measure, published)),
        )
      ),
    ),
  );
}

/** Names without the sweep's, where all are points of one. */
function labelsOf(names: readonly string[]): string[] {
  const sweep = names[0].includes("/") ? `${names[0].split("/")[0]}/` : "";
  return names.map((name) =>
    names.every((other) => other.startsWith(sweep)) ? name.slice(sweep.length) : name
  );
}

function resultTable(runs: readonly RunMessage[], labels: readonly string[]): HTMLElement {
  return table({
    caption: "Results, of the model that each run published",
    head: ["Run", "State", "Validation accuracy", "Validation loss", "Test accuracy", "Epochs"],
    numeric: [2, 3, 4, 5],
    rows: runs.map(({ name, state, epochs, fitted, test }, i) => {
      return [
        h("a", { href: runLink(name) }, labels[i]),
        stateMark(state),
        formatShare(fitted?.validation_accuracy),
        formatLoss(fitted?.validation_loss),
        formatShare(test),
        epochs.length === 0 ? NONE : epochs.length,
      ];
    }),
  });
}

function parameterTable(runs: readonly RunMessage[], labels: readonly string[]): HTMLElement {
  const rows = differingParameters(runs).map(({ name, values }) => [name, ...values]);
  if (rows.length === 0) return h("p", {}, sayAlike(runs));
  return table({ caption: "Parameters that differ", head: ["Parameter", ...labels], rows });
}

function stageTable(runs: readonly RunMessage[], labels: readonly string[]): HTMLElement[] {
  const rows = stagesOfSome(runs).map(({ name, values }) => [name, ...values]);
  if (rows.length === 0) return [];
  return [
    table({ caption: "Stages that not all of them have", head: ["Stage", ...labels], rows }),
  ];
}
