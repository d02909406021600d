/// <reference lib="dom" />
import { Arithmetic } from "./arithmetic.ts";
import { askFile } from "./client.ts";
import { h } from "./dom.ts";

type Vectors = number[][];

/** What `worked-example` publishes of its attention; vectors by patch. */
interface Worked {
  readonly attention?: {
    readonly queries: Vectors;
    readonly keys: Vectors;
    readonly values: Vectors;
    readonly scores: Vectors;
    readonly weights: Vectors;
  };
}

/** Lets one go through the attention of a worked example, query by query. */
export async function showWorkedExample(place: HTMLElement, path: string): Promise<void> {
  const { attention } = await askFile(path) as Worked;
  if (attention === undefined) return;
  const { queries, keys, values, scores, weights } = attention;
  const tokens = queries.map((_, i) => `patch ${i + 1}`);
  const arithmetic = new Arithmetic();
  const show = (i: number) =>
    arithmetic.show({
      tokens,
      asking: tokens[i],
      weights: weights[i],
      vectors: { query: queries[i], keys, values, divisor: divisorOf(queries, keys, scores) },
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

/** What products were divided by: the root of the width where the example is scaled, else 1. */
function divisorOf(queries: Vectors, keys: Vectors, scores: Vectors): number {
  const root = Math.sqrt(queries[0].length);
  let [scaled, plain] = [0, 0];
  queries.forEach((query, i) =>
    keys.forEach((key, j) => {
      const product = query.reduce((sum, value, c) => sum + value * key[c], 0);
      scaled += Math.abs(scores[i][j] - product / root);
      plain += Math.abs(scores[i][j] - product);
    })
  );
  return scaled < plain ? root : 1;
}
