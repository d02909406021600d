import { count, counted, percent } from "../../figures/figure.ts";
import { metricsFile } from "../../stages/evaluate/files.ts";
import { datasetFile } from "../../stages/preprocess/files.ts";
import { historyFile } from "../../stages/train/files.ts";
import { type Chapter, figuresOf, filesOf, findingsOf, textsOf } from "./chapters/chapter.ts";
import { CHAPTERS } from "./chapters/mod.ts";
import { modelName } from "./chapters/model.ts";
import type { Block, ReportDocument, Section } from "./document.ts";
import type { RunView, StageView } from "./read.ts";
import type { ReportOptions } from "./options.ts";
import { howItWasMade } from "./reproduce.ts";

/** Puts a run in the order in which one reads about it: that of the exercise. */
export function buildReport(run: RunView, options: ReportOptions): ReportDocument {
  const known = new Set(CHAPTERS.flatMap(({ kinds }) => kinds));
  const others = [...new Set(run.stages.map(({ kind }) => kind))].filter((kind) =>
    !known.has(kind)
  );
  const sections = [...CHAPTERS, ...others.map(ownChapter)].flatMap((chapter): Section[] => {
    const stages = run.stages.filter(({ kind }) => chapter.kinds.includes(kind));
    const blocks = stages.flatMap((stage) => {
      const told = tell(chapter, stage, run);
      const named = stages.length > 1 || stage.name !== stage.kind;
      return named && told.length > 0 ? [heading(`Stage ${stage.name}`), ...told] : told;
    });
    if (blocks.length === 0) return [];
    const asked: Block[] = chapter.question === ""
      ? []
      : [{ type: "question", text: chapter.question }];
    return [{ id: chapter.id, title: chapter.title, blocks: [...asked, ...blocks] }];
  });
  return {
    title: run.name,
    stamp: options.stamp,
    headline: headline(run),
    summary: summary(run),
    sections: [...sections, howItWasMade(run, options)],
  };
}

/** A user's own kind of stage: its figures, what they show, its own texts. */
function ownChapter(kind: string): Chapter {
  return {
    id: `stage-${slug(kind)}`,
    title: kind,
    question: "",
    kinds: [kind],
    tell: (stage) => [
      ...figuresOf(stage),
      ...findingsOf(stage),
      ...textsOf(stage),
      ...filesOf(
        stage,
        ...Object.keys(stage.artifact?.files ?? {}).filter((name) => /^[^/]+\.json$/.test(name)),
      ),
    ],
  };
}

/** What a chapter says of a stage; of one that has published nothing, why. */
function tell(chapter: Chapter, stage: StageView, run: RunView): Block[] {
  if (stage.artifact !== undefined) return chapter.tell(stage, run);
  // Several chapters may be about one kind: the first of them says why there is nothing.
  const first = CHAPTERS.find(({ kinds }) => kinds.includes(stage.kind)) ?? chapter;
  if (first !== chapter) return [];
  const why = stage.error ?? (stage.reason || "it has published nothing");
  return [{
    type: "problem",
    text: `The stage ${stage.name} has published nothing (${stage.status}): ${why}`,
  }];
}

/** The test's accuracy; of several tests none is the run's, and the summary has them all. */
function headline(run: RunView): ReportDocument["headline"] {
  const [test, ...others] = testsOf(run);
  if (test === undefined || others.length > 0) return null;
  return {
    value: percent(test.metrics.accuracy),
    label: `test accuracy on ${counted(test.metrics.images, "image")}`,
    source: `${test.stage.name}/metrics.json`,
  };
}

/** Several tests side by side. */
function testTable(run: RunView): Block[] {
  const tests = testsOf(run);
  if (tests.length < 2) return [];
  return [{
    type: "table",
    table: {
      caption: "Test accuracy, test by test",
      head: ["Test", "Accuracy", "Images"],
      numeric: [1, 2],
      rows: tests.map(({ stage, metrics }) => [
        stage.name,
        percent(metrics.accuracy),
        count(metrics.images),
      ]),
      links: tests.map(({ stage }) => `${stage.name}/metrics.json`),
    },
  }];
}

function testsOf(run: RunView) {
  return run.stages.flatMap((stage) => {
    const metrics = stage.kind === "evaluate" && stage.json("metrics.json", metricsFile);
    return metrics && metrics.images > 0 ? [{ stage, metrics }] : [];
  });
}

function summary(run: RunView): Block[] {
  const all = <T>(kind: string, read: (stage: StageView) => T | undefined) =>
    run.stages.filter((stage) => stage.kind === kind).map(read)
      .filter((value) => value !== undefined);
  const [data] = all("preprocess", (stage) => stage.json("dataset.json", datasetFile));
  const [model] = all("load-pretrained", modelName);
  const [history, ...more] = all("train", (stage) => stage.json("history.json", historyFile));
  const sentences = [
    model && data
      ? `A Vision Transformer (${model}), ${
        history ? "fine-tuned" : "looked at"
      } on ${data.name}, ${data.classes.length} classes.`
      : "A run of Vitrine.",
    // Several trainings may be of other images, and of other numbers of epochs.
    more.length > 0
      ? `${count(1 + more.length)} trainings.`
      : data && history
      ? `${count(data.sizes.train)} training images, ${counted(history.epochs.length, "epoch")}.`
      : "",
  ];
  const problems = run.stages.filter(({ status }) => ["failed", "interrupted"].includes(status));
  return [
    { type: "text", text: sentences.filter(Boolean).join(" ") },
    ...testTable(run),
    ...problems.map((stage): Block => ({
      type: "problem",
      text: `The stage ${stage.name} ${stage.status === "failed" ? "failed" : "was interrupted"}${
        stage.error ? `: ${stage.error}` : ""
      }. What follows is what there was before that.`,
    })),
  ];
}

function heading(text: string): Block {
  return { type: "heading", text };
}

function slug(text: string): string {
  return text.toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "");
}
