import { Marked } from "marked";
import { fontFaces } from "../../figures/font.ts";
import type { Block, ReportDocument, ReportFigure, Section, Table } from "./document.ts";
import { STYLE } from "./style.ts";

/** The report as one page that needs nothing beside it: no script, no network. */
export function toHtml(report: ReportDocument): string {
  const { title, stamp, headline, summary, sections } = report;
  const page = new Page();
  const body = `<header>
<h1>${escape(title)}</h1>
${
    headline
      ? `<p class="headline"><strong>${escape(headline.value)}</strong> ${
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
  #figures = 0;

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
        return `<p>${escape(content.text)}</p>`;
      case "problem":
        return `<p class="problem">${escape(content.text)}</p>`;
      case "heading":
        return `<h3>${escape(content.text)}</h3>`;
      case "facts":
        return `<dl>${
          content.items.map(([name, value]) =>
            `<div><dt>${escape(name)}</dt><dd>${escape(value)}</dd></div>`
          ).join("")
        }</dl>`;
      case "table":
        return table(content.table);
      case "code":
        return `<div class="wide" tabindex="0"><pre><code>${
          escape(content.text)
        }</code></pre></div>`;
      case "markdown":
        return `<div class="prose">${markdown(content.source)}</div>`;
      case "figure":
        return figure(content.stage, content.figure, ++this.#figures);
    }
  }
}

function table({ caption, head, rows, links = [], numeric = [], folded = false }: Table): string {
  const side = (column: number) => numeric.includes(column) ? ' class="number"' : "";
  const linked = (cell: string, path: string | undefined) =>
    path === undefined ? escape(cell) : `<a href="${escape(path)}">${escape(cell)}</a>`;
  const cells = (row: readonly string[], path: string | undefined) =>
    row.map((cell, i) =>
      i === 0
        ? `<th scope="row"${side(i)}>${linked(cell, path)}</th>`
        : `<td${side(i)}>${escape(cell)}</td>`
    ).join("");
  const content = `<div class="wide" tabindex="0"><table>
<caption${folded ? ' class="hidden"' : ""}>${escape(caption)}</caption>
<thead><tr>${
    head.map((cell, i) => `<th scope="col"${side(i)}>${escape(cell)}</th>`).join("")
  }</tr></thead>
<tbody>
${rows.map((row, i) => `<tr>${cells(row, links[i])}</tr>`).join("\n")}
</tbody>
</table></div>`;
  if (!folded) return content;
  return `<details><summary>${escape(caption)}</summary>\n${content}\n</details>`;
}

function figure(
  stage: string,
  { name, title, description, svg }: ReportFigure,
  number: number,
): string {
  const caption = `figure-${number}`;
  return `<figure aria-labelledby="${caption}">
<div class="picture" tabindex="0">${
    inline(svg, `${stage}-${name}`, `${title}. ${description}`)
  }</div>
<figcaption id="${caption}"><b>Figure ${number}.</b> ${escape(description)}</figcaption>
</figure>`;
}

/**
 * An SVG as part of a page: ids get the stage's name in front, so that two stages of one kind don't
 * share them, and the picture shrinks with the page, but not below what can be read.
 */
function inline(svg: string, prefix: string, label: string): string {
  const width = Number(svg.match(/^<svg [^>]*\bwidth="([\d.]+)"/)?.[1] ?? 0);
  const own = (id: string) => `${prefix}--${id}`;
  return svg.trim()
    .replace(/ id="([^"]+)"/g, (_, id) => ` id="${own(id)}"`)
    .replace(/url\(#([^)]+)\)/g, (_, id) => `url(#${own(id)})`)
    .replace(/ (xlink:href|href)="#([^"]+)"/g, (_, attribute, id) => ` ${attribute}="#${own(id)}"`)
    .replace(/<title>.*?<\/title><desc>.*?<\/desc>(?:<style>.*?<\/style>)?/s, "")
    // By a function, so that "$&" in the name of a class stays what it is.
    .replace(
      /^<svg /,
      () =>
        `<svg aria-label="${escape(label)}" style="min-width:${Math.min(width, LEAST_WIDTH)}px" `,
    );
}

/** Below this a figure scrolls instead of shrinking. */
const LEAST_WIDTH = 560;

const marked = new Marked({
  gfm: true,
  // Headings of a stage's text stand below those of the report.
  walkTokens: (token) => {
    if (token.type === "heading") token.depth = Math.min(6, token.depth + 2);
  },
  renderer: {
    // A stage's text may hold whatever a file's or class's name holds: none of it is markup.
    html: ({ text }) => escape(text),
    image: ({ text }) => escape(text),
    link({ href, tokens }) {
      const text = this.parser.parseInline(tokens);
      return /^(?:https?:|mailto:|#)/.test(href) ? `<a href="${escape(href)}">${text}</a>` : text;
    },
    table(token) {
      const cell = (tag: string, { tokens, align }: typeof token.header[number]) =>
        `<${tag}${tag === "th" ? ' scope="col"' : ""}${
          align === "right" ? ' class="number"' : ""
        }>${this.parser.parseInline(tokens)}</${tag}>`;
      return `<div class="wide" tabindex="0"><table><thead><tr>${
        token.header.map((one) => cell("th", one)).join("")
      }</tr></thead><tbody>${
        token.rows.map((row) => `<tr>${row.map((one) => cell("td", one)).join("")}</tr>`).join("")
      }</tbody></table></div>`;
    },
  },
});

function markdown(source: string): string {
  return marked.parse(source, { async: false });
}

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}
