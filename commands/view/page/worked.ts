/// <reference lib="dom" />
import type { ResultFile } from "../../../stages/worked-example/files.ts";
import { Arithmetic } from "./arithmetic.ts";
import { askFile } from "./client.ts";
import { h } from "./dom.ts";

/** Lets one go through the attention of a worked example, query by query. */
export async function showWorkedExample(place: HTMLElement, path: string): Promise<void> {
  const { attention } = await askFile(path) as ResultFile;
  const { queries, keys, values, weights, divisor } = attention;
  const tokens = queries.map((_, i) => `patch ${i + 1}`);
  const arithmetic = new Arithmetic();
  const show = (i: number) =>
    arithmetic.show({
      tokens,
      asking: tokens[i],
      complete: true,
      weights: weights[i],
      vectors: { query: queries[i], keys, values, divisor },
    });
  const select = h(
    "select",
    { id: "worked-query", onchange: () => show(Number(select.value)) },
    ...tokens.map((name, i) => h("option", { value: i }, name)),
  );
  place.append(
    h("h3", {}, "Step by step"),
    h("p", {}, h("label", { for: "worked-query" }, "Query of "), select),
    arithmetic.element,
  );
  show(0);
}
