import { deepEqual, equal, ok } from "node:assert/strict";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import axe from "axe-core";
import { type Browser, chromium, type Page } from "playwright-core";
import { exists } from "../../../base/exists.ts";
import { writeReport } from "../../../commands/report/mod.ts";
import { BROWSERS, printPage } from "../../../commands/report/pdf.ts";
import { makeRun } from "./run_folder.ts";

const EXECUTABLE = BROWSERS.find(exists);

/** A test with a report in a real browser; where there is none its name says so. */
function inBrowser(
  name: string,
  test: (page: string, browser: Browser) => Promise<void>,
): void {
  const missing = EXECUTABLE === undefined;
  Deno.test({
    name: missing ? `${name} (left out: there is no Chromium)` : name,
    ignore: missing,
    // Playwright keeps a pipe to the browser that it closes in its own time.
    sanitizeOps: false,
    sanitizeResources: false,
    async fn() {
      const folder = await makeRun([
        {
          name: "preprocess",
          kind: "preprocess",
          texts: { "description.md": "# Images\n\n| a | b |\n| --- | ---: |\n| 1 | 2 |\n" },
        },
        { name: "load-pretrained", kind: "load-pretrained" },
        { name: "freeze", kind: "freeze" },
        { name: "train", kind: "train" },
        { name: "evaluate", kind: "evaluate" },
        { name: "visualize", kind: "visualize", texts: { "discussion.md": "# Where it looks\n" } },
      ]);
      await writeReport(folder, { configText: "seed: 7\n" });
      const browser = await chromium.launch({ executablePath: EXECUTABLE, args: ["--no-sandbox"] });
      try {
        await test(join(folder, "report.html"), browser);
      } finally {
        await browser.close();
        await Deno.remove(folder, { recursive: true });
      }
    },
  });
}

/** What axe finds against WCAG 2.2 AA and its own best practice, as rule and element. */
async function faults(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const found = await page.evaluate(async () => {
    // deno-lint-ignore no-explicit-any -- axe is there by the line above
    const { violations } = await (globalThis as any).axe.run({
      runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    });
    return violations as { id: string; nodes: { html: string }[] }[];
  });
  return found.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 120)}`));
}

inBrowser(
  "a report has no fault that axe knows, light and dark, wide and narrow",
  async (path, browser) => {
    for (const colorScheme of ["light", "dark"] as const) {
      for (const width of [1200, 390]) {
        // The page's own policy would keep axe out.
        const context = await browser.newContext({
          viewport: { width, height: 900 },
          colorScheme,
          bypassCSP: true,
        });
        const page = await context.newPage();
        await page.goto(pathToFileURL(path).href);
        deepEqual(await faults(page), [], `${colorScheme}, ${width}`);
        const beyond = await page.evaluate("document.documentElement.scrollWidth - innerWidth");
        equal(beyond, 0, `the page scrolls sideways at ${width}`);
        await context.close();
      }
    }
  },
);

inBrowser("a report asks nothing of the network, and prints to a PDF", async (path, browser) => {
  const page = await browser.newPage();
  const asked: string[] = [];
  page.on("request", (request) => asked.push(request.url()));
  await page.goto(pathToFileURL(path).href);
  deepEqual(asked.filter((url) => !/^(?:file|data):/.test(url)), []);
  equal(asked.filter((url) => url.startsWith("file:")).length, 1);
  const pdf = await Deno.readFile(await printPage(path));
  equal(new TextDecoder().decode(pdf.subarray(0, 5)), "%PDF-");
  ok(pdf.length > 20_000);
});
