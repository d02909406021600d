import { fileURLToPath } from "node:url";
import { type Canvas, GlobalFonts } from "canvas";
import * as vega from "vega";
import { compile } from "vega-lite";
import type { Figure } from "./figure.ts";

/** Pixels of a PNG for each unit of its spec. */
const SCALE = 2;

/**
 * Draws a figure without a browser. Equal figures give equal bytes, in any process.
 *
 * @throws {Error} naming the figure, if its spec is not valid or warns.
 */
export async function render(figure: Figure): Promise<{ svg: string; png: Uint8Array }> {
  registerFonts();
  const warnings: string[] = [];
  const logger = collect(warnings);
  // deno-lint-ignore no-explicit-any -- Vega-Lite's own type makes every spec a minute of checking
  const { spec } = compile(figure.spec as any, { logger });
  const view = new vega.View(vega.parse(spec), { renderer: "none", logger, loader: offline() });
  try {
    const svg = await view.toSVG();
    // Vega types it as the browser's element; without a browser it is the canvas of the package.
    const canvas = await view.toCanvas(SCALE) as unknown as Canvas;
    if (warnings.length > 0) throw new Error(warnings.join("; "));
    return { svg: finish(svg, figure), png: new Uint8Array(canvas.toBuffer("image/png")) };
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`Cannot draw the figure "${figure.name}": ${why}`, { cause });
  } finally {
    view.finalize();
  }
}

let registered = false;

/** Text is measured and drawn with the project's font, whatever fonts the machine has. */
function registerFonts(): void {
  if (registered) return;
  for (const file of ["DejaVuSans", "DejaVuSans-Bold"]) {
    const path = fileURLToPath(import.meta.resolve(`dejavu-fonts-ttf/ttf/${file}.ttf`));
    GlobalFonts.registerFromPath(path, "DejaVu Sans");
  }
  registered = true;
}

/** Data lies in the spec; a figure that asks for anything else is a mistake. */
function offline(): ReturnType<typeof vega.loader> {
  const loader = vega.loader();
  const sanitize = loader.sanitize.bind(loader);
  loader.sanitize = (uri, options) =>
    uri.startsWith("data:")
      ? sanitize(uri, options)
      : Promise.reject(new Error(`it refers to ${uri}, and its data must be inline`));
  return loader;
}

/** Takes Vega's warnings, so that they can be raised as one error and not printed. */
function collect(into: string[]): vega.LoggerInterface {
  let level = vega.Warn;
  const logger: vega.LoggerInterface = {
    level: ((value?: number) => {
      if (value === undefined) return level;
      level = value;
      return logger;
    }) as vega.LoggerInterface["level"],
    error: (...text) => (into.push(text.join(" ")), logger),
    warn: (...text) => (into.push(text.join(" ")), logger),
    info: () => logger,
    debug: () => logger,
  };
  return logger;
}

/**
 * Numbers the ids of gradients and clips in their order: Vega counts them over the life of the
 * process, so that the bytes would depend on what was drawn before. Then gives the picture its
 * name, for those who hear it, and keeps each embedded image once.
 */
function finish(svg: string, { title, description, name }: Figure): string {
  const ids = new Map<string, string>();
  for (const [, id] of svg.matchAll(/ id="([^"]+)"/g)) ids.set(id, `${name}-${ids.size}`);
  for (const [old, id] of ids) {
    svg = svg.replaceAll(` id="${old}"`, ` id="${id}"`).replaceAll(`url(#${old})`, `url(#${id})`);
  }
  svg = svg.replace(
    /^<svg ([^>]*)>/,
    (_, attributes) =>
      `<svg ${attributes} role="img"><title>${escape(title)}</title><desc>${
        escape(description)
      }</desc>`,
  );
  return shareImages(svg, name) + "\n";
}

/** An image that stands under several layers of heat is written once and used by reference. */
function shareImages(svg: string, name: string): string {
  const uses = new Map<string, number>();
  const pattern = /xlink:href="(data:image\/png;base64,[^"]+)"/g;
  for (const [, url] of svg.matchAll(pattern)) uses.set(url, (uses.get(url) ?? 0) + 1);
  const shared: string[] = [];
  for (const [url, times] of uses) {
    if (times < 2) continue;
    // The element in full: only images of one size, at any place, can share.
    const image = new RegExp(`<image ([^>]*?)xlink:href="${escapeRegExp(url)}"([^>]*?)/>`, "g");
    const elements = [...svg.matchAll(image)];
    const box = (text: string) => text.replace(/ ?transform="[^"]*"/, "").trim();
    const first = box(`${elements[0][1]}${elements[0][2]}`);
    if (elements.some(([, before, after]) => box(`${before}${after}`) !== first)) continue;
    const id = `${name}-image-${shared.length}`;
    shared.push(`<image id="${id}" ${first} xlink:href="${url}"/>`);
    svg = svg.replaceAll(image, (element) => {
      const transform = element.match(/transform="[^"]*"/)?.[0] ?? "";
      return `<use ${transform} xlink:href="#${id}"/>`;
    });
  }
  if (shared.length === 0) return svg;
  return svg.replace(/<\/desc>/, `</desc><defs>${shared.join("")}</defs>`);
}

function escapeRegExp(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
