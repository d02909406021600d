/// <reference lib="dom" />
import { h } from "./dom.ts";

/** What a state or a status means for whoever looks for trouble; the colour says no more than the word. */
const TONES: Readonly<Record<string, string>> = {
  running: "busy",
  "at work": "busy",
  waiting: "busy",
  failed: "bad",
  interrupted: "warn",
  stopped: "warn",
  skipped: "warn",
  "not begun": "idle",
  "not reached": "idle",
  "would run": "idle",
};

/** `busy`, `good`, `warn`, `bad` or `idle`. */
export function toneOf(word: string): string {
  return TONES[word] ?? "good";
}

/** A state or status as a word with a mark before it. */
export function stateMark(word: string): HTMLElement {
  return h("span", { class: `state ${toneOf(word)}` }, word);
}
