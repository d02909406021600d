/// <reference lib="dom" />
import { deepStrictEqual as equal, ok } from "node:assert/strict";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { markRunning } from "../../../pipeline/running.ts";
import { checkAccessible, inViewer } from "./browser.ts";
import { beginning, finished, line, progress } from "./outputs.ts";

/** The runs in the table, in order. */
async function names(page: Page): Promise<string[]> {
  return await page.locator(".runs tbody th").allTextContents();
}

inViewer("five hundred runs are shown, sorted and filtered, and come and go", async (visit) => {
  const { outputs, open } = visit;
  for (let i = 0; i < 500; i++) {
    outputs.run(`run-${i}`, { rate: (i % 5 + 1) / 1000, accuracy: (i + 10) / 1000 });
  }
  const page = await open();
  await page.locator(".runs tbody tr").nth(499).waitFor();
  ok(await page.getByText("500 runs, 0 at work, 1 parameter differs").isVisible());
  await page.getByRole("button", { name: "Validation" }).click();
  equal((await names(page)).slice(0, 3), ["run-499", "run-498", "run-497"]);
  await page.getByRole("button", { name: "Validation" }).click();
  equal((await names(page))[0], "run-0");
  await page.getByLabel("Filter").fill("run-49 learning_rate=0.005");
  equal(await names(page), ["run-49", "run-494", "run-499"]);
  // What has the focus keeps it while the table changes.
  await page.getByRole("link", { name: "run-494" }).focus();
  outputs.run("run-4900", { rate: 0.005, accuracy: 0.01 });
  Deno.removeSync(join(outputs.path, "run-49"), { recursive: true });
  await page.getByRole("link", { name: "run-4900" }).waitFor();
  equal(await names(page), ["run-4900", "run-494", "run-499"]);
  equal(await page.evaluate(() => document.activeElement?.textContent), "run-494");
});

inViewer("runs are ticked and compared by keyboard alone", async ({ outputs, open }) => {
  outputs.run("a", { rate: 0.01, accuracy: 0.6 });
  outputs.run("b", { rate: 0.1, accuracy: 0.8 });
  const page = await open();
  await page.locator(".runs tbody tr").nth(1).waitFor();
  const tabTo = async (name: string) => {
    for (let i = 0; i < 60; i++) {
      await page.keyboard.press("Tab");
      const at = await page.evaluate(() => {
        const element = document.activeElement!;
        return element.getAttribute("aria-label") ?? element.textContent;
      });
      if (at === name) return;
    }
    throw new Error(`Tab does not lead to "${name}"`);
  };
  await tabTo("Compare a");
  await page.keyboard.press("Space");
  await tabTo("Compare b");
  await page.keyboard.press("Space");
  await page.keyboard.press("Home");
  await page.getByLabel("Filter").focus();
  await tabTo("Compare 2 runs");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "2 runs side by side" }).waitFor();
  // A page begins at its beginning for whoever does not see it.
  equal(await page.evaluate(() => document.activeElement?.id), "content");
  const row = page.getByRole("row", { name: "train.optimizer.learning_rate" });
  equal(await row.locator("td").allTextContents(), ["0.01", "0.1"]);
  equal(await page.getByText("Stages that not all of them have").count(), 0);
  equal(
    await page.getByRole("img", {
      name: /^Validation accuracy by epoch: a from 59.0% to 60.0%; b /,
    }).count(),
    1,
  );
  await checkAccessible(page);
});

inViewer("a page opened late shows a run as one that was open all along", async (visit) => {
  const { outputs, open } = visit;
  outputs.say("live", ...beginning("live"));
  using _atWork = markRunning(outputs.path, "live");
  const early = await open("#/run?name=live");
  await early.getByText("train.epochs was 1 and is 2").waitFor();
  outputs.say("live", progress("train", 10, 3));
  await early.getByText("10 of 100 steps").waitFor();
  const epoch = "epoch 1/2: training loss 1.5000, accuracy 40.00%; " +
    "validation loss 1.2500, accuracy 50.00%";
  outputs.say("live", line("train", epoch, 4), progress("train", 55, 5));
  await early.getByText("55 of 100 steps").waitFor();
  await early.getByRole("img", { name: /^Accuracy by epoch: training 40.0%; validation 50.0%/ })
    .waitFor();
  const late = await open("#/run?name=live");
  await late.getByText("55 of 100 steps").waitFor();
  await late.getByRole("img", { name: /^Accuracy by epoch/ }).waitFor();
  const content = (page: Page) =>
    page.locator("#content").evaluate((place) => (place as HTMLElement).innerText);
  equal(await content(late), await content(early));
  await checkAccessible(late);
  outputs.say("live", finished("train", 6));
  outputs.say("live", {
    ...{ time: "2026-01-02T03:05:00.000Z", type: "run-finished", name: "live" },
    ...{ exit: 0, seconds: 61, folder: "" },
  });
  await early.getByRole("row", { name: /^train data: preprocess ✓?ran it is new/ }).waitFor();
  await early.waitForFunction(() => document.querySelectorAll("progress").length === 0);
  Deno.removeSync(join(outputs.path, "live"), { recursive: true });
  await early.getByText("This run is no longer in outputs/.").waitFor();
});

inViewer("attention is explored by click and by arrow keys", async ({ outputs, open }) => {
  outputs.run("a");
  await outputs.attention("a");
  const page = await open("#/run?name=a");
  await page.getByRole("link", { name: "Explore the attention" }).click();
  const cell = (name: string) => page.getByRole("gridcell", { name });
  // Block 1, the highest: the class token gives 80% to the token after it, the first patch.
  await cell("row 1, column 1: 79.98%").waitFor();
  await page.getByLabel("Block").selectOption("0");
  await page.getByText("Block 0, mean of the heads: attention of the class token.").waitFor();
  await page.getByText("the class token 79.98%").waitFor();
  await cell("row 1, column 2").click();
  await page.getByText("attention of row 1, column 2.").waitFor();
  await cell("row 1, column 2: 79.98%").waitFor();
  await page.keyboard.press("ArrowDown");
  await page.getByText("attention of row 2, column 2.").waitFor();
  await cell("row 2, column 2: 79.98%").waitFor();
  await page.keyboard.press("ArrowDown"); // there is no row below
  await page.keyboard.press("ArrowLeft");
  await cell("row 2, column 1: 79.98%").waitFor();
  equal(
    await page.locator("[aria-selected=true]").getAttribute("aria-label"),
    "row 2, column 1: 79.98%",
  );
  await page.getByLabel("Head").selectOption("1");
  await page.getByText("Block 0, head 1: attention of row 2, column 1.").waitFor();
  await page.getByText("The softmax of row 2, column 1's scores").waitFor();
  await page.getByRole("button", { name: "Next" }).click();
  // ln 0.05 - ln 0.8, in halves
  await page.getByText("−2.773").first().waitFor();
  await checkAccessible(page);
  await page.getByLabel("Map").selectOption("Rollout through all blocks");
  await cell("row 2, column 2: 40.00%").waitFor();
});

inViewer("the arithmetic of a worked example is gone through step by step", async (visit) => {
  visit.outputs.workedExample("by-hand");
  const page = await visit.open("#/run?name=by-hand");
  const step = page.locator(".step");
  await step.getByText("q = (2.000, 0)").waitFor();
  await page.getByRole("button", { name: "Next" }).click();
  const last = step.getByRole("row").last();
  equal(await last.locator("th, td").allTextContents(), ["sum", "", "", "2.00000"]);
  await page.getByLabel("Key of").selectOption("patch 2");
  equal(await last.locator("th, td").allTextContents(), ["sum", "", "", "0"]);
  await page.getByRole("button", { name: "Next" }).click();
  equal(await step.getByRole("row").nth(1).locator("th, td").allTextContents(), [
    ...["patch 1", "2.000", "1.414"],
  ]);
  await page.getByRole("button", { name: "Weights" }).click();
  await step.getByText("80.44%").waitFor();
  await page.getByRole("button", { name: "The output" }).click();
  await step.getByText("output = (0.8044, 0.1956)").waitFor();
  await page.getByLabel("Query of").selectOption("patch 2");
  await step.getByText("output = (0.05581, 0.9442)").waitFor();
  await checkAccessible(page);
});

inViewer("pages fit a phone and are accessible there too", async ({ outputs, open }) => {
  outputs.run("a");
  outputs.run("b", { rate: 0.1 });
  await outputs.attention("a");
  const phone = { viewport: { width: 390, height: 844 } };
  const hashes = [
    "",
    "#/run?name=a",
    "#/compare?name=a&name=b",
    "#/attention?name=a&stage=visualize",
  ];
  for (const hash of hashes) {
    const page = await open(hash, phone);
    await page.locator("#content h1").waitFor();
    await page.waitForLoadState("networkidle").catch(() => {}); // a run's page listens on
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    equal([hash, width], [hash, 390]);
    await checkAccessible(page);
    await page.context().close();
  }
});

inViewer("a page of another origin reads nothing, cookie or not", async (visit) => {
  const { outputs, open, port } = visit;
  outputs.run("a");
  const other = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    () => new Response("<p>another</p>", { headers: { "content-type": "text/html" } }),
  );
  try {
    const page = await open();
    await page.locator(".runs tbody tr").first().waitFor();
    const stranger = await page.context().newPage(); // the same browser, with the cookie
    await stranger.goto(`http://127.0.0.1:${other.addr.port}/`);
    const read = await stranger.evaluate(async (port) => {
      const ask = (mode: RequestMode) =>
        fetch(`http://127.0.0.1:${port}/api/runs`, { mode, credentials: "include" })
          .then((response) => `${response.type} ${response.status}`, () => "refused");
      return [await ask("cors"), await ask("no-cors")];
    }, port);
    equal(read[0], "refused");
    // Sent without reading rights, the browser itself may keep it back; if not there is nothing in it.
    ok(["refused", "opaque 0"].includes(read[1]));
    const framed = await stranger.evaluate(async (port) => {
      const frame = document.createElement("iframe");
      frame.src = `http://127.0.0.1:${port}/`;
      document.body.append(frame);
      await new Promise((resolve) => frame.onload = resolve);
      try {
        return frame.contentDocument?.body.innerText ?? "closed";
      } catch {
        return "closed";
      }
    }, port);
    equal(framed, "closed");
  } finally {
    await other.shutdown();
  }
});
