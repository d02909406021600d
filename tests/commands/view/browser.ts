/// <reference lib="dom" />
import axe from "axe-core";
import { deepStrictEqual as equal } from "node:assert/strict";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { exists } from "../../../base/exists.ts";
import { BROWSERS } from "../../../commands/report/pdf.ts";
import { serveView } from "../../../commands/view/server.ts";
import { Outputs } from "./outputs.ts";

const EXECUTABLE = BROWSERS.find(exists);

/** What a test in a browser gets. */
export interface Visit {
  readonly outputs: Outputs;
  readonly browser: Browser;
  readonly port: number;
  /** The viewer in a window of its own, let in by its address. What goes wrong in it fails the test. */
  open(hash?: string, options?: BrowserContextOptions): Promise<Page>;
}

/** A test in a real browser; where there is none its name says so, and it is left out. */
export function inBrowser(name: string, test: (visit: Visit) => Promise<void>): void {
  const missing = EXECUTABLE === undefined;
  Deno.test({
    name: missing ? `${name} (left out: there is no Chromium)` : name,
    ignore: missing,
    // Playwright keeps a pipe to the browser that it closes in its own time.
    sanitizeOps: false,
    sanitizeResources: false,
    async fn() {
      await using outputs = await Outputs.create();
      const view = serveView({ outputs: outputs.path, port: 0 });
      const browser = await chromium.launch({
        executablePath: EXECUTABLE,
        args: ["--no-sandbox"],
      });
      const wrong: string[] = [];
      try {
        await test({
          outputs,
          browser,
          port: view.port,
          async open(hash = "", options = {}) {
            const context = await browser.newContext({
              viewport: { width: 1280, height: 900 },
              ...options,
            });
            // A machine that is busy is slow: no test asserts a time.
            context.setDefaultTimeout(120_000);
            const page = await context.newPage();
            page.on("pageerror", (error) => wrong.push(error.message));
            page.on("console", (message) => {
              if (message.type() === "error") wrong.push(message.text());
            });
            await page.goto(view.address);
            if (hash !== "") await page.goto(`http://127.0.0.1:${view.port}/${hash}`);
            return page;
          },
        });
        equal(wrong, []);
      } finally {
        await browser.close();
        await view.close();
      }
    },
  });
}

const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

/** Checks a page by axe against WCAG 2.2 AA, in the light and in the dark. */
export async function checkAccessible(page: Page): Promise<void> {
  await page.evaluate(axe.source);
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    const found = await page.evaluate(async (rules) => {
      // deno-lint-ignore no-explicit-any -- axe puts itself there
      const { violations } = await (globalThis as any).axe.run(document, { runOnly: rules });
      // deno-lint-ignore no-explicit-any -- as above
      return violations.map(({ id, nodes }: any) => `${id}: ${nodes[0].html}`);
    }, RULES);
    equal(found, []);
  }
}
