import { type Canvas, GlobalFonts } from "canvas";
import * as vega from "vega";
import { compile } from "vega-lite";
import type { Figure } from "./figure.ts";
import { finishSvg } from "./finish.ts";
import { FAMILY, fontPath } from "./font.ts";

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
    return { svg: finishSvg(svg, figure), png: new Uint8Array(canvas.toBuffer("image/png")) };
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
  for (const weight of ["normal", "bold"] as const) {
    GlobalFonts.registerFromPath(fontPath(weight), FAMILY);
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
