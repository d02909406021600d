import { formatDuration } from "../../base/duration.ts";
import { flatten, madeTable } from "./appendix.ts";
import type { Block, Section } from "./document.ts";
import type { ReportOptions } from "./options.ts";
import type { RunView } from "./read.ts";

/** Statuses of stages that this run did not make. */
const FOUND = ["fresh", "restored", "redrawn"];

export function howItWasMade(run: RunView, options: ReportOptions): Section {
  const { configText, settings = [] } = options;
  return {
    id: "how",
    title: "How it was made",
    blocks: [
      { type: "text", text: "The same run again:" },
      { type: "code", language: "sh", text: options.command ?? `deno task run ${run.config}` },
      {
        type: "facts",
        items: [
          ["Seed", String(run.seed)],
          ["Engine", run.engine ?? "none was opened in this run"],
          ["Started", `${run.started.slice(0, 16).replace("T", " ")} UTC`],
          ["Took", took(run)],
          ["Config", run.config],
        ],
      },
      {
        type: "table",
        table: {
          caption: "Stages in order, with the key that stands for everything they depend on. The " +
            "seconds are those in which what is shown was made, in this run or in an earlier one",
          head: ["Stage", "Kind", "Status", "Seconds to make", "Key"],
          numeric: [3],
          rows: run.stages.map((stage) => [
            stage.name,
            stage.kind,
            stage.status,
            (stage.artifact?.made.seconds ?? stage.seconds).toFixed(1),
            stage.key ?? "–",
          ]),
        },
      },
      ...madeTable(run.stages),
      ...(configText === undefined ? [] : [
        heading("The config as written"),
        { type: "code", language: "yaml", text: configText.trimEnd() } as const,
      ]),
      ...(settings.length === 0 ? [] : [
        { type: "text", text: "With these values in place of those in the config:" } as const,
        { type: "code", language: "text", text: settings.join("\n") } as const,
      ]),
      heading("Every parameter, defaults filled in"),
      ...run.stages.map((stage): Block => ({
        type: "table",
        table: {
          caption: stage.name,
          head: ["Parameter", "Value"],
          rows: flatten(stage.parameters),
        },
      })).filter((block) => block.type !== "table" || block.table.rows.length > 0),
    ],
  };
}

/** How long the run took, and where it found what others had made, how long that had taken. */
function took({ seconds, stages }: RunView): string {
  const found = stages.filter(({ status }) => FOUND.includes(status));
  if (found.length === 0) return formatDuration(seconds);
  const before = found.reduce((sum, { artifact }) => sum + (artifact?.made.seconds ?? 0), 0);
  return `${formatDuration(seconds)}; making what it found in place had taken ${
    formatDuration(before)
  }`;
}

function heading(text: string): Block {
  return { type: "heading", text };
}
