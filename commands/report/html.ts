import { fontFaces } from "../../figures/font.ts";
import type { Block, Fact, ReportDocument, Section, Table } from "./document.ts";
import { escape } from "./escape.ts";
import { address } from "./address.ts";
import { figureHtml } from "./html_figure.ts";
import { markdownHtml } from "./html_markdown.ts";
import { numberFigures, withNumbers } from "./number_figures.ts";
import { STYLE } from "./style.ts";

/** The report as one page that needs nothing beside it: no script, no network. */
export function toHtml(report: ReportDocument): string {
  const { title, stamp, headline, summary, sections } = report;
  const page = new Page(sections);
  const body = `<header>
<h1>${escape(title)}</h1>
${
    headline
      ? `<p class="headline"><strong>${linked(headline.value, headline.source)}</strong> ${
        escape(headline.label)
      }</p>`
      : ""
  }
${summary.map((block) => page.block(block)).join("\n")}
<nav aria-label="Sections">
<ul>
${sections.map(({ id, title }) => `<li><a href="#${id}">${escape(title)}</a></li>`).join("\n")}
</ul>
</nav>
</header>
<main id="content">
${sections.map((section) => page.section(section)).join("\n")}
</main>`;
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">${
    stamp === undefined ? "" : `\n<meta name="vitrine-stamp" content="${stamp}">`
  }
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="color-scheme" content="light dark">
<title>${escape(title)}: report</title>
<style>
${fonts(body)}
${STYLE}</style>
</head>
<body>
<a class="skip" href="#content">To the content</a>
${body}
</body>
</html>
`;
}

/** Nothing is fetched and nothing runs, whatever a stage's text or a figure holds. */
const POLICY = "default-src 'none'; img-src data:; font-src data:; style-src 'unsafe-inline'";

/** The project's font, with the characters of the page and of its figures. */
function fonts(body: string): string {
  const text = [...new Set(body.replace(/<[^>]*>/g, ""))].toSorted().join("");
  return fontFaces({ normal: text, bold: text });
}

/** Writes blocks, and counts the figures. */
class Page {
  readonly #numbers: ReadonlyMap<string, number>;

  constructor(sections: readonly Section[]) {
    this.#numbers = numberFigures(sections);
  }

  section({ id, title, blocks }: Section): string {
    const content = blocks.map((block) => this.block(block)).join("\n");
    return `<section id="${id}" aria-labelledby="${id}-title">
<h2 id="${id}-title">${escape(title)}</h2>
${content}
</section>`;
  }

  block(content: Block): string {
    switch (content.type) {
      case "text":
        return `<p>${escape(content.text)}${source(content.source)}</p>`;
      case "question":
        return `<p class="question">${escape(content.text)}</p>`;
      case "answer":
        return `<p class="answer">${escape(content.text)}${source(content.source)}</p>`;
      case "problem":
        return `<p class="problem">${escape(content.text)}</p>`;
      case "heading":
        return `<h3>${escape(content.text)}</h3>`;
      case "facts":
        return `<dl>${content.items.map(fact).join("")}</dl>`;
      case "findings":
        return this.#findings(content);
      case "table":
        return table(content.table);
      case "code":
        return `<div class="wide" role="group" aria-label="${content.language}" tabindex="0"><pre><code>${
          escape(content.text)
        }</code></pre></div>`;
      case "markdown":
        return `<div class="prose">${
          markdownHtml(
            withNumbers(
              content.source,
              content.stage,
              this.#numbers,
              (number) => `[figure ${number}](#figure-${number})`,
            ),
            content.formulas,
          )
        }</div>`;
      case "files":
        return `<p class="files">Data: ${
          content.paths.map((name) => linked(name, name)).join(", ")
        }</p>`;
      case "figure":
        return figureHtml(content.stage, content.figure, this.#number(content));
    }
  }

  #findings({ stage, items }: Extract<Block, { type: "findings" }>): string {
    const lines = items.map((finding) => {
      const number = finding.figure && this.#numbers.get(`${stage}/${finding.figure}`);
      const figure = number ? ` <a href="#figure-${number}">Figure ${number}</a>.` : "";
      return `<li>${escape(finding.text)}${figure}${
        source(finding.source && `${stage}/${finding.source}`)
      }</li>`;
    });
    return `<ul class="findings">\n${lines.join("\n")}\n</ul>`;
  }

  #number({ stage, figure }: Extract<Block, { type: "figure" }>): number {
    return this.#numbers.get(`${stage}/${figure.name}`)!;
  }
}

function fact([name, value, from]: Fact): string {
  return `<div><dt>${escape(name)}</dt><dd>${linked(value, from)}</dd></div>`;
}

/** A text that leads to a file. */
function linked(text: string, to: string | undefined): string {
  if (to === undefined) return escape(text);
  return `<a class="data" href="${escape(address(to))}">${escape(text)}</a>`;
}

/** Where numbers of a sentence stand, behind it. */
function source(file: string | undefined): string {
  if (!file) return "";
  return ` <span class="source">(${linked(file.replace(/#.*/, ""), file)})</span>`;
}

function table(content: Table): string {
  const { caption, head, rows, links = [], numeric = [], folded = false } = content;
  const side = (column: number) => numeric.includes(column) ? ' class="number"' : "";
  const cells = (row: readonly string[], to: string | undefined) =>
    row.map((cell, i) =>
      i === 0
        ? `<th scope="row"${side(i)}>${linked(cell, to)}</th>`
        : `<td${side(i)}>${escape(cell)}</td>`
    ).join("");
  const from = source(content.source);
  const whole = `<div class="wide" role="group" aria-label="Table: ${
    escape(caption)
  }" tabindex="0"><table>
<caption${folded ? ' class="hidden"' : ""}>${escape(caption)}${folded ? "" : from}</caption>
<thead><tr>${
    head.map((cell, i) => `<th scope="col"${side(i)}>${escape(cell)}</th>`).join("")
  }</tr></thead>
<tbody>
${rows.map((row, i) => `<tr>${cells(row, links[i])}</tr>`).join("\n")}
</tbody>
</table></div>`;
  if (!folded) return whole;
  return `<details><summary>${escape(caption)}</summary>\n${
    from && `<p>${from}</p>\n`
  }${whole}\n</details>`;
}
