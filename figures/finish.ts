import type { Figure } from "./figure.ts";
import { fontFaces } from "./font.ts";

/**
 * Makes of Vega's SVG one that can stand alone or on a page with others: ids that are its own, a
 * name and a description for those who hear it, each picture once, and the font's glyphs that it
 * uses.
 */
export function finishSvg(svg: string, { title, description, name }: Figure): string {
  const own = ownIds(svg, name)
    // Neighbouring squares of a heat map would show fine lines between them when it is scaled.
    .replaceAll('<g class="mark-rect', '<g shape-rendering="crispEdges" class="mark-rect');
  const { images, shared } = shareImages(own, name);
  const about = `<title>${escape(title)}</title><desc>${escape(description)}</desc>` +
    `<style>${fontFaces(characters(own))}</style>` +
    (images === "" ? "" : `<defs>${images}</defs>`);
  return shared.replace(
    /^<svg ([^>]*)>/,
    (_, attributes) => `<svg ${attributes} role="img">${about}`,
  ) + "\n";
}

/**
 * Numbers the ids of gradients and clips in their order: Vega counts them over the life of the
 * process, so that the bytes would depend on what was drawn before.
 */
function ownIds(svg: string, name: string): string {
  const ids = new Map<string, string>();
  for (const [, id] of svg.matchAll(/ id="([^"]+)"/g)) ids.set(id, `${name}-${ids.size}`);
  return svg.replace(/ id="([^"]+)"|url\(#([^)]+)\)/g, (text, defined, used) => {
    const id = defined ?? used;
    return text.replace(id, ids.get(id) ?? id);
  });
}

/** An image that stands under several layers of heat is written once and used by reference. */
function shareImages(svg: string, name: string): { images: string; shared: string } {
  const images = /<image (xlink:href="[^"]*") (transform="[^"]*") ([^>]*)\/>/g;
  const times = new Map<string, number>();
  for (const [, url, , size] of svg.matchAll(images)) {
    times.set(`${url} ${size}`, (times.get(`${url} ${size}`) ?? 0) + 1);
  }
  const ids = new Map<string, string>();
  const shared = svg.replaceAll(images, (element, url, transform, size) => {
    const image = `${url} ${size}`;
    if (times.get(image) === 1) return element;
    const id = ids.get(image) ?? `${name}-image-${ids.size}`;
    ids.set(image, id);
    return `<use ${transform} xlink:href="#${id}"/>`;
  });
  const defined = [...ids].map(([image, id]) => `<image id="${id}" ${image}/>`);
  return { images: defined.join(""), shared };
}

/** The characters that an SVG sets, by weight. */
export function characters(svg: string): { normal: string; bold: string } {
  const set = { normal: new Set<string>(), bold: new Set<string>() };
  for (const [, attributes, content] of svg.matchAll(/<text([^>]*)>(.*?)<\/text>/gs)) {
    const weight = /font-weight="(?:bold|[6-9]00)"/.test(attributes) ? "bold" : "normal";
    for (const character of unescape(content.replace(/<[^>]*>/g, ""))) set[weight].add(character);
  }
  const sorted = (found: Set<string>) => [...found].toSorted().join("");
  return { normal: sorted(set.normal), bold: sorted(set.bold) };
}

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

function unescape(text: string): string {
  return text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
}
