import { join } from "node:path";

/** Code on the page about the store, in order: tests run it as it stands there. */
export function blocksOf(language: string): string[] {
  const page = join(import.meta.dirname!, "../../../docs/store.md");
  const blocks = Deno.readTextFileSync(page).matchAll(/^```(\w+)\n(.*?)^```$/gms);
  return [...blocks].flatMap(([, name, text]) => name === language ? [text] : []);
}
