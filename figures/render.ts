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
  let view: vega.View | undefined;
  try {
    // deno-lint-ignore no-explicit-any -- Vega-Lite's own type makes every spec a minute of checking
    const { spec } = compile(figure.spec as any, { logger });
    view = new vega.View(vega.parse(spec), { renderer: "none", logger, loader: offline() });
    const svg = await view.toSVG();
    // Vega types it as the browser's element; without a browser it is the canvas of the package.
    const canvas = await view.toCanvas(SCALE) as unknown as Canvas;
    if (warnings.length > 0) throw new Error(warnings.join("; "));
    return { svg: finish(svg, figure), png: new Uint8Array(canvas.toBuffer("image/png")) };
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`Cannot draw the figure "${figure.name}": ${why}`, { cause });
  } finally {
    view?.finalize();
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
  svg = svg.replace(
    / id="([^"]+)"|url\(#([^)]+)\)/g,
    (text, own, used) => text.replace(own ?? used, ids.get(own ?? used) ?? (own ?? used)),
  );
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
  if (ids.size === 0) return svg;
  const definitions = [...ids].map(([image, id]) => `<image id="${id}" ${image}/>`).join("");
  return shared.replace("</desc>", () => `</desc><defs>${definitions}</defs>`);
}

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
