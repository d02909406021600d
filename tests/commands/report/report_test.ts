import { deepEqual, doesNotMatch, equal, match, ok, rejects } from "node:assert/strict";
import { join } from "node:path";
import { type ReportOptions, rewriteReport, writeReport } from "../../../commands/report/mod.ts";
import type { Shape } from "../../figures/made_up.ts";
import { type MadeUpStage, makeRun } from "./run_folder.ts";

const ALL: readonly MadeUpStage[] = [
  {
    name: "preprocess",
    kind: "preprocess",
    texts: {
      "description.md": "# The images\n\nSize <b>16</b> & more.\n\n```\n# not a heading\n```\n",
    },
  },
  { name: "load-pretrained", kind: "load-pretrained" },
  { name: "freeze", kind: "freeze" },
  { name: "train", kind: "train" },
  { name: "evaluate", kind: "evaluate" },
  { name: "visualize", kind: "visualize", texts: { "discussion.md": "# Where it looks\n" } },
];

/** Writes the report of a made-up run, and reads it. */
async function report(
  stages: readonly MadeUpStage[],
  options: ReportOptions = {},
  change: Partial<Shape> = {},
): Promise<{ html: string; markdown: string }> {
  const folder = await makeRun(stages, change);
  try {
    await writeReport(folder, options);
    return {
      html: await Deno.readTextFile(join(folder, "report.html")),
      markdown: await Deno.readTextFile(join(folder, "report.md")),
    };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function headings(html: string, level: number): string[] {
  return [...html.matchAll(new RegExp(`<h${level}[^>]*>([^<]*)</h${level}>`, "g"))]
    .map(([, text]) => text);
}

Deno.test("a report goes from the data to the discussion, in the order of the exercise", async () => {
  // The order in which stages ran is another.
  const { html, markdown } = await report(ALL.toReversed());
  const titles = [
    "2a. Data: resized and normalised",
    "2b. The pretrained model",
    "2c. Frozen below, fine-tuned on top",
    "2d. Training, epoch by epoch",
    "2e. Test accuracy and curves",
    "2f. Attention, and what it shows",
    "How it was made",
  ];
  deepEqual(headings(html, 2), titles);
  deepEqual(
    markdown.split("\n").filter((line) => line.startsWith("## ")).map((line) => line.slice(3)),
    titles,
  );
});

Deno.test("the test accuracy, the images and the epochs stand on top", async () => {
  const { html, markdown } = await report(ALL);
  const top = html.slice(0, html.indexOf("<main"));
  // 6 of 9
  match(
    top,
    /<strong><a [^>]*href="evaluate\/metrics\.json">66\.7%<\/a><\/strong> test accuracy on 9/,
  );
  match(top, /models\/small/);
  match(top, /18 training images, 3 epochs\./); // 6 of each of 3 classes
  ok(markdown.startsWith("# made-up\n\n**[66.7%](evaluate/metrics.json)** test accuracy on 9"));
});

Deno.test("of several tests none is the headline: each stands on top, with its file", async () => {
  const { html, markdown } = await report([...ALL, { name: "evaluate-b", kind: "evaluate" }]);
  const top = html.slice(0, html.indexOf("<main"));
  doesNotMatch(top, /class="headline"/);
  for (const name of ["evaluate", "evaluate-b"]) {
    ok(top.includes(
      `<th scope="row"><a class="data" href="${name}/metrics.json">${name}</a></th>` +
        '<td class="number">66.7%</td><td class="number">9</td>',
    ));
  }
  ok(markdown.includes("| [evaluate-b](evaluate-b/metrics.json) | 66.7% | 9 |"));
});

Deno.test("each epoch is a row, counted from 1; without validation there are dashes", async () => {
  const row = (html: string) =>
    html.match(/<tr><th scope="row" class="number">2<\/th>.*?<\/tr>/s)![0].replace(/<[^>]+>/g, " ")
      .trim().split(/\s+/);
  // The made-up losses are 1 / (1 + epoch) and 1.2 / (1 + epoch).
  deepEqual(row((await report(ALL)).html), ["2", "0.5000", "75.00%", "0.6000", "70.00%"]);
  const { html } = await report(ALL, {}, { validation: false });
  deepEqual(row(html), ["2", "0.5000", "75.00%", "–", "–"]);
});

Deno.test("the page needs no network and runs no script", async () => {
  const { html } = await report(ALL);
  const fetched = /(?:src|xlink:href|action|data)="(?!#|data:)[^"]*"|url\((?!#|data:)|@import/;
  doesNotMatch(html, fetched);
  // What it leads to lies beside it.
  const led = [...html.matchAll(/<a [^>]*href="(?!#)([^"]*)"/g)].map(([, to]) => to);
  ok(led.length > 20);
  for (const to of led) match(to, /^[\w-]+(?:\/[\w-]+)*\.\w+(?:\.\w+)?(?:#|$)/);
  doesNotMatch(html, /<script|<link|<iframe|\son\w+=/);
  const formats = ["http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"];
  const addresses = html.match(/https?:\/\/[^\s"'<>)]+/g) ?? [];
  deepEqual(addresses.filter((address) => !formats.includes(address)), []);
});

Deno.test("no two elements of a page share an id, and every reference has its target", async () => {
  const { html } = await report([
    ...ALL.slice(0, 4),
    { name: "train-b", kind: "train" },
    { name: "evaluate", kind: "evaluate" },
    { name: "evaluate-b", kind: "evaluate" },
  ]);
  const ids = [...html.matchAll(/\sid="([^"]+)"/g)].map(([, id]) => id);
  equal(new Set(ids).size, ids.length);
  const references = [
    ...html.matchAll(/(?:href="#|url\(#|aria-labelledby=")([^")]+)/g),
  ].map(([, id]) => id);
  ok(references.length > 10);
  for (const id of references) ok(ids.includes(id), `nothing has the id ${id}`);
});

Deno.test("two stages of one kind stand under their names", async () => {
  const { html } = await report([
    ...ALL.slice(0, 3),
    { name: "finetune-a", kind: "train" },
    { name: "finetune-b", kind: "train" },
  ]);
  match(html, /classes\. 2 trainings\.<\/p>/);
  deepEqual(
    headings(html, 3).filter((text) => text.startsWith("Stage ")),
    ["Stage finetune-a", "Stage finetune-b"],
  );
});

Deno.test("a run that failed half way has a report of what there was, and says why", async () => {
  const error = "Loss is not finite in step 31";
  const { html, markdown } = await report([
    ...ALL.slice(0, 3),
    { name: "train", kind: "train", status: "failed", error },
    { name: "evaluate", kind: "evaluate", status: "skipped", error: "train failed" },
  ]);
  match(html, /The stage train failed: Loss is not finite in step 31/);
  match(html, /The stage evaluate has published nothing \(skipped\): train failed/);
  doesNotMatch(html, /test accuracy on/);
  match(markdown, /> \*\*The stage train failed: Loss is not finite in step 31/);
  deepEqual(headings(html, 2).map((text) => text.slice(0, 3)).slice(0, 5), [
    ...["2a.", "2b.", "2c."], // then those that tell of what failed and what was skipped
    ...["2d.", "2e."],
  ]);
});

Deno.test("what an earlier run left in the folder of a stage that failed is not shown", async () => {
  const folder = await makeRun(ALL);
  const path = join(folder, "run.json");
  const run = JSON.parse(await Deno.readTextFile(path));
  Object.assign(run.stages[4], { key: "f".repeat(64), status: "failed", error: "No memory" });
  await Deno.writeTextFile(path, JSON.stringify(run));
  await writeReport(folder);
  const html = await Deno.readTextFile(join(folder, "report.html"));
  match(html, /The stage evaluate has published nothing \(failed\): No memory/);
  doesNotMatch(html, /Confusion matrix/);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("markup in a stage's text or in a class's name stays text", async () => {
  const description =
    "A <script>alert(1)</script> [x](javascript:alert(1)) ![y](http://a.b/c.png)\n";
  const { html } = await report(
    [
      { name: "preprocess", kind: "preprocess", texts: { "description.md": description } },
    ],
    {},
    { classes: ["<img src=x>", "dog"] },
  );
  match(html, /A &lt;script&gt;alert\(1\)&lt;\/script&gt; x y/);
  match(html, /2: &lt;img src=x&gt;, dog/);
  doesNotMatch(html, /<img|javascript:|http:\/\/a\.b/);
});

Deno.test("headings of a stage's text stand below those of the report", async () => {
  const { html, markdown } = await report(ALL);
  ok(headings(html, 3).includes("The images"));
  match(markdown, /^### The images$/m);
  match(markdown, /^# not a heading$/m);
  match(html, /Size &lt;b&gt;16&lt;\/b&gt; &amp; more\./);
});

Deno.test("the page brings the font along once, for itself and all figures", async () => {
  const { html } = await report(ALL);
  equal(html.match(/@font-face/g)?.length, 2); // normal and bold
  equal(html.match(/<style>/g)?.length, 1);
});

Deno.test("figures are in the page with their words, and in Markdown as links to the PNGs", async () => {
  const { html, markdown } = await report(ALL);
  match(
    html,
    /<svg role="img" aria-label="Confusion matrix\. Heat map of 3 true by 3 predicted classes/,
  );
  match(html, /<figcaption id="figure-\d+-caption"><b>Figure \d+\.<\/b> Heat map of 3 true/);
  match(markdown, /!\[Heat map of 3 true .*\]\(evaluate\/figures\/confusion-matrix\.png\)/);
});

Deno.test("the config, the command, the versions and every parameter are at the end", async () => {
  const configText = "stages:\n  train: { epochs: 3 } # <few>\n";
  const command = "deno task run configs/made-up.yaml --set train.epochs=3";
  const { html, markdown } = await report(ALL, { configText, command });
  match(html, /train: \{ epochs: 3 \} # &lt;few&gt;/);
  match(html, /<th scope="row">optimizer\.betas<\/th><td>\[0\.9,0\.999\]<\/td>/);
  match(html, /<th scope="row">engine name<\/th><td>tensorflow<\/td>/);
  match(html, /2026-01-02 03:04 UTC/);
  match(html, /3 min 20 s/);
  ok(html.includes("4".repeat(64)), "the key of train");
  ok(markdown.includes("```sh\n" + command + "\n```"));
  ok(markdown.includes("```yaml\n" + configText.trim() + "\n```"));
  doesNotMatch(html, /a-private-name|\/home\/someone/);
});

Deno.test("the same run gives the same report", async () => {
  const [once, again] = [await report(ALL), await report(ALL)];
  equal(again.html, once.html);
  equal(again.markdown, once.markdown);
});

Deno.test("a folder without a run is the user's mistake to mend", async () => {
  const folder = await Deno.makeTempDir();
  await rejects(writeReport(folder), { name: "UserError", message: /there is no run\.json$/ });
  await Deno.writeTextFile(join(folder, "run.json"), "{}");
  await rejects(writeReport(folder), { name: "UserError", message: /another form$/ });
  await Deno.remove(folder, { recursive: true });
});

Deno.test("of a stage that was found in place the report has the seconds of its making", async () => {
  const restored = ALL.map((stage) => ({ ...stage, status: "restored" }));
  const { markdown } = await report(restored, {}, {});
  // Each artifact says 1.25 s, and the run took 200.4 s.
  match(markdown, /Took: 3 min 20 s; making what it found in place had taken 7\.5 s/);
  match((await report(ALL)).markdown, /Took: 3 min 20 s$/m);
});

Deno.test("each part asks its question and answers it from the data", async () => {
  const { html, markdown } = await report(ALL);
  const part = (id: string) => html.split(`<section id="${id}"`)[1].split("</section>")[0];
  for (const id of ["2a", "2b", "2c", "2d", "2e", "2f"]) {
    match(part(id), /<p class="question">[^<]*\?<\/p>/);
  }
  match(part("2d"), /<p class="answer">After epoch 3 of 3 it is right on /);
  match(part("2e"), /<p class="answer">It is right on 6 of 9 test images: 66\.67%/);
  match(part("2e"), /href="evaluate\/metrics\.json"/);
  // The curves are asked for with the test; the steps with the training.
  match(part("2e"), /train\/figures\/learning-curves\.png/);
  match(part("2d"), /train\/figures\/training-steps\.png/);
  match(markdown, /^\*\*It is right on 6 of 9 test images/m);
});

Deno.test("what a stage finds is told with its figure and its file", async () => {
  const folder = await makeRun(ALL);
  const findings = (artifact: { kind: string }) =>
    Promise.resolve(
      artifact.kind !== "evaluate" ? [] : [{
        text: "It takes <cats> for dogs.",
        rule: "confused-pair",
        figure: "confusion-matrix",
        source: "metrics.json#/confusion/3/5",
      }],
    );
  await writeReport(folder, {}, () => ({ findings: () => Promise.resolve({ findings }) }));
  const html = await Deno.readTextFile(join(folder, "report.html"));
  const [, number] = html.match(/<figure id="figure-(\d+)"(?:(?!<figure)[^])*?confusion-matrix/)!;
  ok(
    html.includes(
      `<li>It takes &lt;cats&gt; for dogs. <a href="#figure-${number}">Figure ${number}</a>.` +
        ` <span class="source">(<a class="data" href="evaluate/metrics.json#/confusion/3/5">`,
    ),
  );
  const markdown = await Deno.readTextFile(join(folder, "report.md"));
  ok(
    markdown.includes(
      `- It takes \\<cats\\> for dogs. Figure ${number}. ` +
        "([evaluate/metrics.json](evaluate/metrics.json#/confusion/3/5))",
    ),
  );
  await Deno.remove(folder, { recursive: true });
});

Deno.test("a report that is written again says the same of the config and the command", async () => {
  const folder = await makeRun(ALL);
  const stamp = "a".repeat(64);
  await writeReport(folder, { configText: "seed: 7\n", command: "deno task run x.yaml", stamp });
  const path = join(folder, "report.html");
  const before = await Deno.readTextFile(path);
  await Deno.writeTextFile(path, before.slice(0, 400));
  equal(await rewriteReport(folder), path);
  equal(await Deno.readTextFile(path), before);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("a report that is written again without a user's own stage is left for the next run to complete", async () => {
  const folder = await makeRun(ALL);
  const path = join(folder, "run.json");
  const run = JSON.parse(await Deno.readTextFile(path));
  run.stages[4].kind = "my-own";
  await Deno.writeTextFile(path, JSON.stringify(run));
  await writeReport(folder, { stamp: "a".repeat(64) });
  const page = await rewriteReport(folder);
  doesNotMatch(await Deno.readTextFile(page), /vitrine-stamp/);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("a figure that a stage's text names is the one of that number", async () => {
  const stages = ALL.map((stage) =>
    stage.kind === "evaluate"
      ? { ...stage, texts: { "words.md": "See figure `confusion-matrix`, not figure `none`.\n" } }
      : stage
  );
  const { html, markdown } = await report(stages);
  const [, number] = html.match(/<figure id="figure-(\d+)"(?:(?!<figure)[^])*?confusion-matrix/)!;
  ok(html.includes(`See <a href="#figure-${number}">figure ${number}</a>, not figure`));
  ok(markdown.includes(`See figure ${number}, not figure \`none\`.`));
});
