import { Marked, type MarkedExtension } from "marked";
import { escape } from "./escape.ts";
import { isMathMl } from "./mathml.ts";

/** Formulas of the text that is being written: by what stands in the Markdown. */
type Formulas = ReadonlyMap<string, readonly string[]>;

const fixed = (text: string) =>
  `<div class="wide" role="group" aria-label="Text with fixed spacing" tabindex="0"><pre><code>${
    escape(text)
  }</code></pre></div>`;

const settings = (formulas: Formulas): MarkedExtension => ({
  gfm: true,
  // Headings of a stage's text stand below those of the report.
  walkTokens: (token) => {
    if (token.type === "heading") token.depth = Math.min(6, token.depth + 2);
  },
  renderer: {
    // A stage's text may hold whatever a file's or class's name holds: none of it is markup.
    html: ({ text }) => escape(text),
    image: ({ text }) => escape(text),
    code({ text }) {
      const lines = formulas.get(text);
      if (lines === undefined || !lines.every(isMathMl)) return fixed(text);
      return `<div class="wide formulas" role="group" aria-label="Formulas" tabindex="0">${
        // A page of HTML knows the element without its address.
        lines.map((line) => `<p>${line.replace(/ xmlns="[^"]*"/, "")}</p>`).join("")}</div>`;
    },
    link({ href, tokens }) {
      const text = this.parser.parseInline(tokens);
      return /^(?:https?:|mailto:|#)/.test(href) ? `<a href="${escape(href)}">${text}</a>` : text;
    },
    table(token) {
      const cell = (tag: string, scope: string, { tokens, align }: typeof token.header[number]) =>
        `<${tag}${scope}${align === "right" ? ' class="number"' : ""}>${
          this.parser.parseInline(tokens)
        }</${tag}>`;
      const head = token.header.map((one) => cell("th", ' scope="col"', one)).join("");
      const rows = token.rows.map((row) =>
        `<tr>${
          row.map((one, i) => i === 0 ? cell("th", ' scope="row"', one) : cell("td", "", one))
            .join("")
        }</tr>`
      ).join("");
      const label = `Table: ${token.header.map(({ text }) => text).filter(Boolean).join(", ")}`;
      return `<div class="wide" role="group" aria-label="${
        escape(label)
      }" tabindex="0"><table><thead><tr>${head}</tr></thead><tbody>${rows}</tbody></table></div>`;
    },
  },
});

/**
 * A stage's Markdown as part of a page, without its own markup, pictures and local links.
 * @param formulas Set in place of the fenced blocks that have their text.
 */
export function markdownHtml(source: string, formulas: Formulas = new Map()): string {
  return new Marked(settings(formulas)).parse(source, { async: false });
}
