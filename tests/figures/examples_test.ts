import { deepEqual, equal } from "node:assert/strict";
import { EXAMPLES } from "./examples.ts";

const FIGURES = new URL("../../figures/", import.meta.url);

/** Functions that are exported and return a figure, by the text of their modules. */
export function makers(code: string): string[] {
  return [
    ...code.matchAll(/export function (\w+)\((?:(?!\n}).)*?\): Figure(?: \| undefined)? \{/gs),
  ]
    .map(([, name]) => name);
}

Deno.test("every function of figures/ that makes a figure has an example", async () => {
  const wanted: string[] = [];
  let all = "";
  for await (const { name } of Deno.readDir(FIGURES)) {
    const code = await Deno.readTextFile(new URL(name, FIGURES));
    wanted.push(...makers(code));
    all += code.replaceAll(/export function \w+/g, "");
  }
  let code = "";
  const examples = new URL("./examples/", import.meta.url);
  for await (const { name } of Deno.readDir(examples)) {
    code += await Deno.readTextFile(new URL(name, examples));
  }
  // One that others of figures/ call (`figure` itself, to begin with) is seen in theirs.
  const missing = wanted.filter((name) => ![code, all].some((text) => text.includes(`${name}(`)));
  deepEqual(missing, [], "a line for each belongs in tests/figures/examples/");
  equal(wanted.length > 25, true, "the functions were found");
});

Deno.test("functions that make figures are found in the text of a module", () => {
  const code = `export function a(x: number): string {\n  return "";\n}
export function b(\n  rows: readonly Row[],\n  about: { n: number },\n): Figure | undefined {\n}
export function c({ x }: Row): Figure {\n}\nfunction d(): Figure {\n}\n`;
  deepEqual(makers(code), ["b", "c"]);
});

Deno.test("no two examples have one name, and no committed file is of none", async () => {
  const names = EXAMPLES.map(({ name }) => name).toSorted();
  deepEqual(names, [...new Set(names)]);
  const committed: string[] = [];
  for await (const { name } of Deno.readDir(new URL("./specs/", import.meta.url))) {
    committed.push(name);
  }
  deepEqual(
    committed.toSorted(),
    names.flatMap((name) => [`${name}.png`, `${name}.vl.json`]).toSorted(),
  );
});
