/// <reference lib="dom" />
import axe from "axe-core";
import { type Browser, chromium, type Page } from "playwright-core";
import { exists } from "../base/exists.ts";
import { BROWSERS } from "../commands/report/pdf.ts";

const CHROMIUM = BROWSERS.find(exists);

/** A test in a real browser; where there is none its name says so, and it is left out. */
export function inBrowser(
  name: string,
  test: (browser: Browser, context: Deno.TestContext) => Promise<void>,
): void {
  const missing = CHROMIUM === undefined;
  Deno.test({
    name: missing ? `${name} (left out: there is no Chromium)` : name,
    ignore: missing,
    // Playwright keeps a pipe to the browser that it closes in its own time.
    sanitizeOps: false,
    sanitizeResources: false,
    async fn(context) {
      const browser = await chromium.launch({
        executablePath: CHROMIUM,
        chromiumSandbox: Deno.uid() !== 0, // it refuses to start for root
      });
      try {
        await test(browser, context);
      } finally {
        await browser.close();
      }
    },
  });
}

const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

/** What axe finds on a page against WCAG 2.2 AA and its own best practice, as rule and element. */
export async function faultsOf(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const found = await page.evaluate(async (rules) => {
    // deno-lint-ignore no-explicit-any -- axe is there by the line above
    const { violations } = await (globalThis as any).axe.run(document, { runOnly: rules });
    return violations as { id: string; nodes: { html: string }[] }[];
  }, RULES);
  return found.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 120)}`));
}
