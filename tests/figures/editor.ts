import { Buffer } from "node:buffer";
import type { Browser, Page } from "playwright-core";
import type { Figure } from "../../figures/figure.ts";
import { FAMILY, fontPath, WEIGHTS } from "../../figures/font.ts";

const BLANK = `<!doctype html><meta charset="utf-8"><style>body{margin:0} ` +
  `#view{display:inline-block;line-height:0}</style><div id="view"></div>`;

/** A package's build for browsers, which lies beside the module that the product imports. */
function library(name: "vega" | "vega-lite"): Promise<string> {
  return Deno.readTextFile(new URL(`./${name}.min.js`, import.meta.resolve(name)));
}

/** A page that draws specs as the Vega editor does: with Vega's own code, and no network. */
export class Editor implements AsyncDisposable {
  private constructor(
    private readonly browser: Browser,
    /** With Vega, Vega-Lite and the font. */
    private readonly page: Page,
  ) {}

  static async open(browser: Browser): Promise<Editor> {
    const page = await blank(browser);
    const faces = (Object.keys(WEIGHTS) as (keyof typeof WEIGHTS)[]).map((weight) =>
      `@font-face{font-family:"${FAMILY}";font-weight:${weight};src:url(data:font/ttf;base64,${
        Buffer.from(Deno.readFileSync(fontPath(weight))).toString("base64")
      })}`
    );
    await page.addStyleTag({ content: faces.join("") });
    await page.evaluate(
      `Promise.all(["normal", "bold"].map((w) => document.fonts.load(w + " 13px '${FAMILY}'")))`,
    );
    for (const name of ["vega", "vega-lite"] as const) {
      await page.addScriptTag({ content: await library(name) });
    }
    return new Editor(browser, page);
  }

  /** What a spec looks like, drawn by Vega in the page. @returns a PNG at two pixels a unit. */
  async draw(spec: Figure["spec"], renderer: "svg" | "canvas"): Promise<Uint8Array> {
    await this.page.evaluate(
      `(async () => {
        document.querySelector("#view").replaceChildren();
        const { spec } = vegaLite.compile(${JSON.stringify(spec)});
        const options = { renderer: "${renderer}", container: "#view" };
        await new vega.View(vega.parse(spec), options).runAsync();
      })()`,
    );
    return await shoot(this.page);
  }

  /** What an SVG looks like on a page that brings no font. @returns a PNG as draw's. */
  async show(svg: string): Promise<Uint8Array> {
    const page = await blank(this.browser);
    try {
      await page.evaluate(
        `(async () => {
          document.querySelector("#view").innerHTML = ${JSON.stringify(svg)};
          document.body.getBoundingClientRect(); // asks for the fonts that are to be waited for
          await document.fonts.ready;
        })()`,
      );
      return await shoot(page);
    } finally {
      await page.close();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.page.close();
  }
}

async function blank(browser: Browser): Promise<Page> {
  const viewport = { width: 1400, height: 1400 };
  const page = await browser.newPage({ deviceScaleFactor: 2, viewport, offline: true });
  page.setDefaultTimeout(120_000); // a machine that is busy is slow
  await page.setContent(BLANK);
  return page;
}

async function shoot(page: Page): Promise<Uint8Array> {
  return new Uint8Array(await page.locator("#view").screenshot());
}
