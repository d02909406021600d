import { deepStrictEqual as equal } from "node:assert/strict";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { serveView } from "../../../commands/view/server.ts";
import { faultsOf, inBrowser } from "../../in_browser.ts";
import { Outputs } from "./outputs.ts";

/** What a test of the viewer gets. */
export interface Visit {
  readonly outputs: Outputs;
  readonly browser: Browser;
  readonly port: number;
  /** The viewer in a window of its own, let in by its address. What goes wrong in it fails the test. */
  open(hash?: string, options?: BrowserContextOptions): Promise<Page>;
}

/** A test of the viewer in a real browser. */
export function inViewer(name: string, test: (visit: Visit) => Promise<void>): void {
  inBrowser(name, async (browser) => {
    await using outputs = await Outputs.create();
    const view = serveView({ outputs: outputs.path, port: 0 });
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
      await view.close();
    }
  });
}

/** Checks a page by axe, in the light and in the dark. */
export async function checkAccessible(page: Page): Promise<void> {
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    equal(await faultsOf(page), [], colorScheme);
  }
}
