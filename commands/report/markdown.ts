import type { Block, ReportDocument, Table } from "./document.ts";

/** The report as Markdown, with links to the PNGs beside it. */
export function toMarkdown(report: ReportDocument): string {
  const { title, headline, summary, sections } = report;
  const parts = [
    `# ${escape(title)}`,
    ...(headline ? [`**${headline.value}** ${headline.label}`] : []),
    ...summary.map(block),
    ...sections.flatMap((section) => [
      `## ${escape(section.title)}`,
      ...section.blocks.map(block),
    ]),
  ];
  return parts.join("\n\n") + "\n";
}

function block(content: Block): string {
  switch (content.type) {
    case "text":
      return escape(content.text);
    case "problem":
      return `> **${escape(content.text)}**`;
    case "heading":
      return `### ${escape(content.text)}`;
    case "facts":
      return content.items.map(([name, value]) => `- ${escape(name)}: ${escape(value)}`).join("\n");
    case "table":
      return table(content.table);
    case "code":
      return fenced(content.text, content.language);
    case "markdown":
      return demote(content.source.trim());
    case "figure": {
      const { title, png, description } = content.figure;
      const alt = description.replaceAll(/[[\]]/g, "\\$&");
      const path = png.split("/").map(encodeURIComponent).join("/");
      return `**${escape(title)}**\n\n![${alt}](${path})`;
    }
  }
}

function table({ caption, head, rows, links = [], numeric = [] }: Table): string {
  const line = (cells: readonly string[], path?: string) =>
    `| ${
      cells.map((cell, i) => {
        const text = escape(cell).replaceAll("|", "\\|");
        return i === 0 && path !== undefined ? `[${text}](${path})` : text;
      }).join(" | ")
    } |`;
  const rule = head.map((_, i) => numeric.includes(i) ? "---:" : "---");
  return [
    `${escape(caption)}:`,
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
