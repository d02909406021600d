import type { Block, ReportDocument, Table } from "./document.ts";
import { address } from "./address.ts";
import { numberFigures, withNumbers } from "./number_figures.ts";

/** The report as Markdown, with links to the PNGs beside it. */
export function toMarkdown(report: ReportDocument): string {
  const { title, headline, summary, sections } = report;
  const numbers = numberFigures(sections);
  const parts = [
    `# ${escape(title)}`,
    ...(headline
      ? [`**${linked(headline.value, headline.source)}** ${escape(headline.label)}`]
      : []),
    ...summary.map((one) => block(one, numbers)),
    ...sections.flatMap((section) => [
      `## ${escape(section.title)}`,
      ...section.blocks.map((one) => block(one, numbers)),
    ]),
  ];
  return parts.join("\n\n") + "\n";
}

function block(content: Block, numbers: ReadonlyMap<string, number>): string {
  switch (content.type) {
    case "text":
      return escape(content.text) + source(content.source);
    case "question":
      return `_${escape(content.text)}_`;
    case "answer":
      return `**${escape(content.text)}**${source(content.source)}`;
    case "problem":
      return `> **${escape(content.text)}**`;
    case "heading":
      return `### ${escape(content.text)}`;
    case "facts":
      return content.items.map(([name, value, from]) => `- ${escape(name)}: ${linked(value, from)}`)
        .join("\n");
    case "findings":
      return content.items.map(({ text, figure, source: from }) => {
        const number = figure && numbers.get(`${content.stage}/${figure}`);
        return `- ${escape(text)}${number ? ` Figure ${number}.` : ""}${
          source(from && `${content.stage}/${from}`)
        }`;
      }).join("\n");
    case "table":
      return table(content.table);
    case "code":
      return fenced(content.text, content.language);
    case "markdown":
      return demote(
        withNumbers(content.source.trim(), content.stage, numbers, (number) => `figure ${number}`),
      );
    case "files":
      return `Data: ${content.paths.map((name) => linked(name, name)).join(", ")}`;
    case "figure": {
      const { title, name, png, description } = content.figure;
      const alt = description.replaceAll(/[[\]]/g, "\\$&");
      const number = numbers.get(`${content.stage}/${name}`);
      return `**Figure ${number}. ${escape(title)}**\n\n![${alt}](${address(png)})`;
    }
  }
}

/** A text that leads to a file. */
function linked(text: string, to: string | undefined): string {
  return to === undefined ? escape(text) : `[${escape(text)}](${address(to)})`;
}

/** Where numbers of a sentence stand, behind it. */
function source(file: string | undefined): string {
  return file ? ` (${linked(file.replace(/#.*/, ""), file)})` : "";
}

function table({ caption, head, rows, links = [], numeric = [], source: from }: Table): string {
  const line = (cells: readonly string[], path?: string) =>
    `| ${
      cells.map((cell, i) => {
        const text = escape(cell).replaceAll("|", "\\|");
        return i === 0 && path !== undefined ? `[${text}](${address(path)})` : text;
      }).join(" | ")
    } |`;
  const rule = head.map((_, i) => numeric.includes(i) ? "---:" : "---");
  return [
    `${escape(caption)}${source(from)}:`,
    "",
    line(head),
    `| ${rule.join(" | ")} |`,
    ...rows.map((row, i) => line(row, links[i])),
  ]
    .join("\n");
}

function fenced(text: string, language: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const fence = "`".repeat(longest + 1);
  return `${fence}${language}\n${text}\n${fence}`;
}

/** Puts a stage's own headings below those of the report; leaves code alone. */
function demote(source: string): string {
  let inCode = false;
  return source.split("\n").map((line) => {
    if (/^\s*(?:```|~~~)/.test(line)) inCode = !inCode;
    return inCode ? line : line.replace(/^(#{1,6})(?= )/, (marks) =>
      "#".repeat(
        Math.min(6, marks.length + 2),
      ));
  }).join("\n");
}

function escape(text: string): string {
  return text.replaceAll(/[\\`*_<>[\]]/g, "\\$&").replaceAll("\n", " ");
}
