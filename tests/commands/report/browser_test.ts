import { deepEqual, equal, ok } from "node:assert/strict";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser } from "playwright-core";
import { writeReport } from "../../../commands/report/mod.ts";
import { printPage } from "../../../commands/report/pdf.ts";
import { faultsOf, inBrowser } from "../../in_browser.ts";
import { makeRun } from "./run_folder.ts";

/** A test with a report in a real browser. */
function withReport(
  name: string,
  test: (page: string, browser: Browser) => Promise<void>,
): void {
  inBrowser(name, async (browser) => {
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
    try {
      await writeReport(folder, { configText: "seed: 7\n" });
      await test(join(folder, "report.html"), browser);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });
}

withReport(
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
        deepEqual(await faultsOf(page), [], `${colorScheme}, ${width}`);
        const beyond = await page.evaluate("document.documentElement.scrollWidth - innerWidth");
        equal(beyond, 0, `the page scrolls sideways at ${width}`);
        await context.close();
      }
    }
  },
);

withReport("a report asks nothing of the network, and prints to a PDF", async (path, browser) => {
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
