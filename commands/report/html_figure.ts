import { address } from "./address.ts";
import { escape } from "./escape.ts";
import type { ReportFigure } from "./document.ts";

/** A figure with its title, its words for those who do not see it, and where its data are. */
export function figureHtml(
  stage: string,
  { name, title, description, svg, png }: ReportFigure,
  number: number,
): string {
  const id = `figure-${number}`;
  const spec = png.replace(/\.png$/, ".vl.json");
  return `<figure id="${id}" aria-labelledby="${id}-caption">
<div class="picture" role="group" aria-label="Figure ${number}, can be scrolled" tabindex="0">${
    inline(svg, `${stage}-${name}`, `${title}. ${description}`)
  }</div>
<figcaption id="${id}-caption"><b>Figure ${number}.</b> ${
    escape(description)
  } <span class="source">(<a href="${escape(address(spec))}">data and spec</a>, <a href="${
    escape(address(png))
  }">PNG</a>)</span></figcaption>
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
    // Vega's roles say nothing that the label does not, and some that the browser does not know.
    .replace(/ (?:role|aria-roledescription|aria-label|aria-hidden)="[^"]*"/g, "")
    // By a function, so that "$&" in the name of a class stays what it is.
    .replace(
      /^<svg /,
      () =>
        `<svg role="img" aria-label="${escape(label)}" style="min-width:${
          Math.min(width, LEAST_WIDTH)
        }px" `,
    );
}

/** Below this a figure scrolls instead of shrinking. */
const LEAST_WIDTH = 560;
