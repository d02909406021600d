import { Buffer } from "node:buffer";
import { type Browser, chromium } from "playwright-core";
import { exists } from "../../base/exists.ts";
import { BROWSERS } from "../../commands/report/pdf.ts";
import type { Figure } from "../../figures/figure.ts";
import { FAMILY, fontPath, WEIGHTS } from "../../figures/font.ts";

/** Where there is a browser; undefined where there is none. */
export const CHROMIUM = BROWSERS.find(exists);

/** A package's build for browsers, which lies beside the module that the product imports. */
function library(name: "vega" | "vega-lite"): Promise<string> {
  return Deno.readTextFile(new URL(`./${name}.min.js`, import.meta.resolve(name)));
}

/** A browser that draws specs as the Vega editor does: with Vega's own code, and no network. */
export class Editor implements AsyncDisposable {
  private constructor(private readonly browser: Browser, private readonly page: string) {}

  static async open(executablePath: string): Promise<Editor> {
    const faces = (Object.keys(WEIGHTS) as (keyof typeof WEIGHTS)[]).map((weight) =>
      `@font-face{font-family:"${FAMILY}";font-weight:${weight};src:url(data:font/ttf;base64,${
        Buffer.from(Deno.readFileSync(fontPath(weight))).toString("base64")
      })}`
    ).join("");
    const scripts = [
      await library("vega"),
      await library("vega-lite"),
    ].map((code) => `<script>${code.replaceAll("</script", "<\\/script")}</script>`).join("");
    const browser = await chromium.launch({
      executablePath,
      chromiumSandbox: Deno.uid() !== 0, // it refuses to start for root
    });
    return new Editor(
      browser,
      `<!doctype html><meta charset="utf-8"><style>${faces} body{margin:0} #view{display:inline-block;` +
        `line-height:0}</style><div id="view"></div>${scripts}`,
    );
  }

  /** What a spec looks like, drawn by Vega in the page. @returns a PNG at two pixels a unit. */
  async draw(spec: Figure["spec"], renderer: "svg" | "canvas"): Promise<Uint8Array> {
    return await this.shoot(async (page) => {
      await page.evaluate(
        `(async () => {
          await Promise.all(["normal", "bold"].map((w) => document.fonts.load(w + " 13px '${FAMILY}'")));
          const spec = vegaLite.compile(${JSON.stringify(spec)}).spec;
          const view = new vega.View(vega.parse(spec), { renderer: "${renderer}", container: "#view" });
          await view.runAsync();
        })()`,
      );
    }, this.page);
  }

  /** What a file of SVG looks like when it is opened by itself. @returns a PNG as draw's. */
  async show(svg: string): Promise<Uint8Array> {
    return await this.shoot(
      (page) => page.evaluate("document.fonts.ready"),
      `<!doctype html><meta charset="utf-8"><style>body{margin:0} #view{display:inline-block;` +
        `line-height:0}</style><div id="view">${svg}</div>`,
    );
  }

  private async shoot(
    act: (page: Awaited<ReturnType<Browser["newPage"]>>) => Promise<unknown>,
    content: string,
  ): Promise<Uint8Array> {
    const page = await this.browser.newPage({
      deviceScaleFactor: 2,
      viewport: { width: 1400, height: 1400 },
      offline: true,
    });
    try {
      const errors: string[] = [];
      page.on("pageerror", (error) => errors.push(String(error)));
      await page.setContent(content);
      await act(page);
      if (errors.length > 0) throw new Error(errors.join("; "));
      return new Uint8Array(await page.locator("#view").screenshot());
    } finally {
      await page.close();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.browser.close();
  }
}
