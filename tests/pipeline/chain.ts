import type { TestStage } from "./project.ts";

/** numbers -> sum -> double; `sum` adds, `double` multiplies what `sum` found. */
export const CHAIN: Record<string, TestStage> = {
  numbers: {
    run: `await context.output.json("numbers.json", [1, 2, context.params.last]);`,
    params: { last: 3 },
  },
  sum: {
    run:
      `const numbers = JSON.parse(await Deno.readTextFile(context.inputs.data.file("numbers.json")));
      await context.output.json("sum.json", numbers.reduce((a, b) => a + b, 0));`,
    needs: { data: "numbers" },
    draw: `return [{ name: "sum", title: "Sum", description: "The sum", spec: { mark: "bar" } }];`,
  },
  double: {
    run: `const sum = JSON.parse(await Deno.readTextFile(context.inputs.data.file("sum.json")));
      await context.output.json("double.json", 2 * sum * context.params.by);`,
    needs: { data: "sum" },
    params: { by: 1 },
  },
};

/** {@linkcode CHAIN}, to be changed. */
export const chain = () => structuredClone(CHAIN);
/** Where nothing is to do. */
export const FRESH = { numbers: "fresh", sum: "fresh", double: "fresh" };
