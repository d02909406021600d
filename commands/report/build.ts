import { formatDuration } from "../../base/duration.ts";
import { count, counted, percent } from "../../figures/figure.ts";
import { metricsFile } from "../../stages/evaluate/files.ts";
import { datasetFile } from "../../stages/preprocess/files.ts";
import { historyFile } from "../../stages/train/files.ts";
import { flatten, madeTable } from "./appendix.ts";
import type { Block, ReportDocument, Section } from "./document.ts";
import type { RunView, StageView } from "./read.ts";
import { type Chapter, CHAPTERS } from "./stages.ts";

/** Statuses of stages that this run did not make. */
const FOUND = ["fresh", "restored", "redrawn"];

/** What the run's folder does not have. */
export interface ReportOptions {
  /** Text of the config as it was written; without it that part is left out. */
  readonly configText?: string;
  /** What was set beside the config, `train.epochs=3`: by `--set`, or by the point of a sweep. */
  readonly settings?: readonly string[];
  /** The command that makes the same run; by default `deno task run` with the config's path. */
  readonly command?: string;
  /** Says what the report is made of, as 64 hexadecimal digits; the page carries it in its head. */
  readonly stamp?: string;
}

/** Puts a run in the order in which one reads about it. */
export function buildReport(run: RunView, options: ReportOptions): ReportDocument {
  const known = new Set(CHAPTERS.map(({ kind }) => kind));
  const chapters: readonly Chapter[] = [
    ...CHAPTERS,
    ...[...new Set(run.stages.map(({ kind }) => kind))].filter((kind) => !known.has(kind))
      .map((kind) => ({ kind, title: kind })),
  ];
  const sections = chapters.flatMap(({ kind, title, tell = () => [] }): Section[] => {
    const stages = run.stages.filter((stage) => stage.kind === kind);
    if (stages.length === 0) return [];
    const blocks = stages.flatMap((stage) => [
      ...(stages.length > 1 || stage.name !== kind ? [heading(`Stage ${stage.name}`)] : []),
      ...show(stage, tell),
    ]);
    return [{ id: slug(kind), title, blocks }];
  });
  return {
    title: run.name,
    stamp: options.stamp,
    headline: headline(run),
    summary: summary(run),
    sections: [...sections, howItWasMade(run, options)],
  };
}

/** A stage: what its data say, its figures, its own texts. */
function show(stage: StageView, tell: NonNullable<Chapter["tell"]>): Block[] {
  if (stage.artifact === undefined) {
    const why = stage.error ?? (stage.reason || "it has published nothing");
    return [{
      type: "problem",
      text: `The stage ${stage.name} has published nothing (${stage.status}): ${why}`,
    }];
  }
  return [
    ...tell(stage),
    ...stage.figures.map((figure): Block => ({ type: "figure", stage: stage.name, figure })),
    ...Object.values(stage.markdown).map((source): Block => ({ type: "markdown", source })),
  ];
}

function headline(run: RunView): ReportDocument["headline"] {
  const tested = run.stages.flatMap((stage) => {
    const metrics = stage.kind === "evaluate" && stage.json("metrics.json", metricsFile);
    return metrics && metrics.images > 0 ? [{ stage, metrics }] : [];
  });
  const last = tested.at(-1);
  if (last === undefined) return null;
  const of = tested.length > 1 ? ` (${last.stage.name})` : "";
  return {
    value: percent(last.metrics.accuracy),
    label: `test accuracy${of} on ${counted(last.metrics.images, "image")}`,
  };
}

function summary(run: RunView): Block[] {
  const first = <T>(kind: string, read: (stage: StageView) => T | undefined) =>
    run.stages.filter((stage) => stage.kind === kind).map(read)
      .find((value) => value !== undefined);
  const data = first("preprocess", (stage) => stage.json("dataset.json", datasetFile));
  const model = first("load-pretrained", (stage) => String(stage.parameters.model));
  const history = first("train", (stage) => stage.json("history.json", historyFile));
  const sentences = [
    model && data
      ? `A Vision Transformer (${model}), ${
        history ? "fine-tuned" : "looked at"
      } on ${data.name}, ${data.classes.length} classes.`
      : "A run of Vitrine.",
    data && history
      ? `${count(data.sizes.train)} training images, ${counted(history.epochs.length, "epoch")}.`
      : "",
  ];
  const problems = run.stages.filter(({ status }) => ["failed", "interrupted"].includes(status));
  return [
    { type: "text", text: sentences.filter(Boolean).join(" ") },
    ...problems.map((stage): Block => ({
      type: "problem",
      text: `The stage ${stage.name} ${stage.status === "failed" ? "failed" : "was interrupted"}${
        stage.error ? `: ${stage.error}` : ""
      }. What follows is what there was before that.`,
    })),
  ];
}

function howItWasMade(run: RunView, options: ReportOptions): Section {
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

function slug(text: string): string {
  return text.toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "");
}
