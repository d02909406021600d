/// <reference lib="dom" />
import type { LiveMessage, RunMessage, StageMessage } from "../messages.ts";
import { askRun, filePath, listen, NoAnswer } from "./client.ts";
import { runCharts } from "./curves.ts";
import { announce, type Child, h, table } from "./dom.ts";
import { fold, type LoggedRun } from "./fold.ts";
import { formatMoment, formatSeconds, formatShare, NONE } from "./format.ts";
import { attentionLink } from "./links.ts";
import { LogView } from "./log.ts";
import { stateMark } from "./marks.ts";
import { StageTable } from "./stages.ts";
import { showWorkedExample } from "./worked.ts";

/** One run: how far it is, what it was asked to do, and what it shows. */
export async function showRun(
  place: HTMLElement,
  query: URLSearchParams,
  signal: AbortSignal,
): Promise<void> {
  const name = query.get("name") ?? "";
  const detail = await askRun(name);
  if (signal.aborted) return;
  const page = new RunPage(name, detail, signal);
  place.append(page.element);
  listen(name, signal, (message) => page.hear(message));
}

class RunPage {
  readonly element: HTMLElement;
  readonly #name: string;
  readonly #signal: AbortSignal;
  #detail: RunMessage;
  #run: LoggedRun | undefined;
  #running = false;
  readonly #state = h("span");
  readonly #about = h("div");
  readonly #stages: StageTable;
  readonly #curves = h("div");
  readonly #log = new LogView();
  readonly #results = h("div");
  /** By section, what it was made of: one that has not changed stays, with what is open in it. */
  readonly #made = new Map<HTMLElement, string>();
  #asking = false;
  #askAgain = false;

  constructor(name: string, detail: RunMessage, signal: AbortSignal) {
    this.#name = name;
    this.#detail = detail;
    this.#signal = signal;
    this.#stages = new StageTable((stage) => document.getElementById(`stage-${stage}`));
    signal.addEventListener("abort", () => this.#stages.close());
    this.element = h(
      "div",
      {},
      h("h1", {}, name, " ", this.#state),
      this.#about,
      h("h2", {}, "Stages"),
      this.#stages.element,
      this.#curves,
      this.#log.element,
      this.#results,
    );
    this.#show();
  }

  /** Takes in what happens. What depends on it alone is shown at once; files are asked for. */
  hear({ there, running, whole, events }: LiveMessage): void {
    if (!there) return this.#showGone();
    const before = this.#run;
    this.#run = fold(whole ? undefined : this.#run, events);
    const ended = (run: LoggedRun | undefined) =>
      run?.stages.filter(({ seconds, figures }) => seconds !== null || figures.length > 0).length;
    const changed = whole || running !== this.#running ||
      ended(before) !== ended(this.#run) ||
      (before?.end === null) !== (this.#run?.end === null);
    if (before !== undefined && before.end === null && this.#run?.end) {
      announce(`${this.#name} has ended`);
    }
    this.#running = running;
    this.#show();
    if (changed) void this.#ask();
  }

  /** Asks what lies in the folder now; once more where that changed while it was asked. */
  async #ask(): Promise<void> {
    this.#askAgain = true;
    if (this.#asking) return;
    this.#asking = true;
    try {
      while (this.#askAgain && !this.#signal.aborted) {
        this.#askAgain = false;
        this.#detail = await askRun(this.#name);
        this.#show();
      }
    } catch (error) {
      if (!(error instanceof NoAnswer)) throw error;
      if (error.status === 404) this.#showGone();
    } finally {
      this.#asking = false;
    }
  }

  /** What was read stays in view; should the run come back, it is shown anew. */
  #showGone(): void {
    this.#made.delete(this.#about);
    const text = "This run is no longer in outputs/.";
    this.#about.replaceChildren(h("p", { class: "problem", role: "alert" }, text));
  }

  #show(): void {
    const detail = this.#detail;
    const state = this.#running
      ? "running"
      : this.#run !== undefined && this.#run.end === null
      ? "stopped"
      : detail.state;
    this.#replace(this.#state, state, () => [stateMark(state)]);
    this.#replace(this.#about, detail, () => [aboutRun(detail)]);
    this.#stages.show(this.#run, detail, state);
    const told = this.#run?.stages.findLast(({ epochs }) => epochs.length > 0)?.epochs ?? [];
    const epochs = detail.epochs.length >= told.length ? detail.epochs : told;
    this.#replace(this.#curves, [epochs, detail.published], () =>
      epochs.length === 0 ? [] : [
        h("h2", {}, "Training"),
        h("div", { class: "charts" }, ...runCharts(epochs, detail.published)),
      ]);
    this.#log.show(this.#run?.lines ?? []);
    this.#replace(
      this.#results,
      detail.stages,
      () => detail.stages.map((stage) => stageSection(this.#name, stage)),
    );
  }

  #replace(place: HTMLElement, of: unknown, make: () => Child[]): void {
    const key = JSON.stringify(of);
    if (this.#made.get(place) === key) return;
    this.#made.set(place, key);
    place.replaceChildren(...make().filter((child) => child instanceof Node));
  }
}

function aboutRun(run: RunMessage): HTMLElement {
  const fact = (name: string, value: Child) =>
    h("div", {}, h("dt", {}, name), h("dd", {}, value ?? NONE));
  return h(
    "div",
    {},
    h(
      "p",
      { class: "links" },
      h("a", { href: "#/" }, "All runs"),
      run.report && h("a", { href: filePath(`${run.name}/report.html`) }, "Report"),
      h("a", { href: filePath(`${run.name}/run.json`) }, "run.json"),
      h("a", { href: filePath(`${run.name}/events.jsonl`) }, "events.jsonl"),
    ),
    h(
      "dl",
      {},
      fact("Validation accuracy", formatShare(run.fitted?.validation_accuracy)),
      fact("Test accuracy", formatShare(run.test)),
      fact("Config", run.config),
      fact("Seed", run.seed),
      fact("Engine", run.engine),
      fact("Started", formatMoment(run.started)),
      fact("Took", formatSeconds(run.seconds)),
    ),
  );
}

function stageSection(run: string, stage: StageMessage): HTMLElement {
  const { name, kind, figures, files, parameters, attention } = stage;
  const path = (file: string) => filePath(`${run}/${name}/${file}`);
  const section = h(
    "section",
    { id: `stage-${name}`, "aria-labelledby": `title-${name}`, tabindex: -1 },
    h("h2", { id: `title-${name}` }, name, kind === name ? "" : ` (${kind})`),
    attention && h(
      "p",
      {},
      h("a", { class: "button", href: attentionLink(run, name) }, "Explore the attention"),
    ),
    files.length > 0 && h(
      "p",
      { class: "links" },
      ...files.map((file) => h("a", { href: path(file) }, file)),
    ),
    parameters.length > 0 && h(
      "details",
      {},
      h("summary", {}, `Parameters of ${name}`),
      table({
        caption: `Parameters of ${name}`,
        quiet: true,
        head: ["Parameter", "Value"],
        rows: parameters,
      }),
    ),
    ...figures.map((figure) =>
      h(
        "figure",
        {},
        h("img", {
          class: "picture",
          loading: "lazy",
          src: path(`figures/${figure.name}.svg`),
          alt: `${figure.title}. ${figure.description}`,
        }),
        h("figcaption", {}, figure.description),
      )
    ),
  );
  if (files.includes("result.json") && kind === "worked-example") {
    void showWorkedExample(section, `${run}/${name}/result.json`);
  }
  return section;
}
