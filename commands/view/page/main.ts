/// <reference lib="dom" />
import { showAttention } from "./attention.ts";
import { NoAnswer } from "./client.ts";
import { showComparison } from "./compare.ts";
import { element, h } from "./dom.ts";
import { showRun } from "./run.ts";
import { showRuns } from "./runs.ts";

/** A page of the viewer: fills the place, and stops what it began where the signal is aborted. */
export type Page = (
  place: HTMLElement,
  query: URLSearchParams,
  signal: AbortSignal,
) => void | Promise<void>;

/** Pages by what stands after `#/`. */
const PAGES: Readonly<Record<string, { title: string; show: Page }>> = {
  "": { title: "Runs", show: showRuns },
  run: { title: "Run", show: showRun },
  compare: { title: "Comparison", show: showComparison },
  attention: { title: "Attention", show: showAttention },
};

let leave = new AbortController();

async function show(first: boolean): Promise<void> {
  const [word, query = ""] = location.hash.replace(/^#\/?/, "").split("?");
  // "#content", the skip link, is no page.
  if (word === "content") return;
  leave.abort();
  leave = new AbortController();
  const { signal } = leave;
  const page = Object.hasOwn(PAGES, word) ? PAGES[word] : PAGES[""];
  const asked = new URLSearchParams(query);
  const place = element("content");
  place.replaceChildren();
  document.title = `${[page.title, asked.get("name")].filter(Boolean).join(": ")} · Vitrine`;
  try {
    await page.show(place, asked, signal);
  } catch (error) {
    if (signal.aborted) return;
    if (!(error instanceof NoAnswer)) console.error(error);
    const text = error instanceof Error ? error.message : String(error);
    place.replaceChildren(
      h("h1", {}, page.title),
      h("p", { class: "problem", role: "alert" }, text),
      h("p", {}, h("a", { href: "#/" }, "All runs")),
    );
  }
  // Whoever reads with a screen reader, or by keyboard, begins a page at its beginning.
  if (!first && !signal.aborted) {
    scrollTo(0, 0);
    place.focus({ preventScroll: true });
  }
}

addEventListener("hashchange", () => void show(false));
void show(true);
