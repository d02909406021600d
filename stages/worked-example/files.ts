import { z } from "zod";
import { robustnessFile, trainingFile } from "../evaluate/files.ts";

const numbers = z.array(z.number());
const matrix = z.array(numbers);
const pair = z.tuple([z.int().positive(), z.int().positive()]);
const share = z.number().min(0).max(1);
const family = <T extends z.ZodType>(schema: T) =>
  z.strictObject({ cnn: schema, rnn: schema, transformer: schema });
const COST_NAMES = [
  "parameters",
  "multiply_adds",
  "activations",
  "path_length",
  "sequential_steps",
  "receptive_field",
] as const;
const costs = <T extends z.ZodType>(schema: T) =>
  z.strictObject(
    Object.fromEntries(COST_NAMES.map((name) => [name, family(schema)])) as Record<
      (typeof COST_NAMES)[number],
      ReturnType<typeof family<T>>
    >,
  );

/** Attention as it is published for scaled and unscaled scores. */
const half = { scores: matrix, weights: matrix, outputs: matrix };

/** `result.json`: all numbers at full precision. */
export const resultFile = z.strictObject({
  patches: z.strictObject({
    image: pair.describe("Height and width, pixels"),
    patch: pair.describe("Height and width, pixels"),
    channels: z.int().positive(),
    grid: pair.describe("Patches down and across"),
    count: z.int().positive().describe("Patches"),
    flattened: z.int().positive().describe("Numbers of a patch, laid out in one row"),
    tokens: z.int().positive().describe("Patches and the class token"),
    steps: z.array(z.string()).describe("The calculation, a line each"),
  }),
  attention: z.strictObject({
    patches: matrix.describe("The vectors that it starts from"),
    queries: matrix.describe("q_i = W_Q p_i"),
    keys: matrix.describe("k_i = W_K p_i"),
    values: matrix.describe("v_i = W_V p_i"),
    scaled: z.boolean().describe("Whether scores were divided by sqrt(d_k)"),
    divisor: z.number().positive().describe("What they were divided by; 1 where they were not"),
    scores: matrix.describe("scores[i][j] = q_i . k_j / divisor"),
    shifts: numbers.describe("Subtracted from the scores of a row before the exponential"),
    exponentials: matrix.describe("e^(score - shift)"),
    sums: numbers.describe("Of the exponentials of a row"),
    weights: matrix.describe("Softmax over j"),
    outputs: matrix.describe("outputs[i] = sum_j weights[i][j] v_j"),
    entropy: numbers.describe("Of the weights of a row, nats"),
    other: z.strictObject({ scaled: z.boolean(), ...half }).describe(
      "The same with scaling the other way round",
    ),
    checks: z.array(z.strictObject({
      sum: z.number().describe("Of the weights"),
      sums_to_one: z.boolean(),
      smallest: z.number().describe("Weight"),
      residual: z.number().describe("Output against v_1 + sum_j w_j (v_j - v_1), largest"),
      bounds: z.array(z.tuple([z.number(), z.number(), z.number()])).describe(
        "For each number of the output: smallest of the values, output, largest",
      ),
      in_hull: z.boolean().describe("Whether the output lies in the convex hull of the values"),
    })).describe("A row of weights and its output each"),
  }),
  comparison: z.strictObject({
    setting: z.strictObject({
      n: z.int().describe("Positions"),
      d: z.int().describe("Numbers a position"),
      k: z.int().describe("Taps of a kernel"),
      heads: z.int(),
      layers: z.int(),
    }),
    formulas: costs(z.string()).describe("Of one layer; receptive_field of all layers"),
    values: costs(z.number()).describe("The same at the setting"),
  }),
  measured: z.array(z.strictObject({
    label: z.string(),
    kind: z.string().describe("Label without what tells models of a kind apart"),
    family: z.string(),
    parameters: z.int().positive(),
    images: z.int().positive().describe("Test images"),
    accuracy: share,
    interval: z.tuple([share, share]).describe("95% (Wilson)"),
    loss: z.number(),
    classes: z.array(z.string()),
    training: z.strictObject({
      images: z.int().nonnegative().describe("Different training images"),
      epochs: trainingFile.shape.epochs,
    }).optional().describe("How it was trained, where evaluate says so"),
    robustness: robustnessFile.optional().describe("On changed images, where evaluate did so"),
  })).describe("What evaluate found of each model of `needs: { measured: […] }`, in that order"),
});
export type ResultFile = z.infer<typeof resultFile>;

/**
 * `formulas.json`: the blocks of formulas of worked-example.md in order. In the Markdown each is a
 * fenced block of the language `text` whose content is `text`; a page that can set formulas puts the
 * `mathml` in its place, a `<math display="block">` a line. They are made of numbers, letters and
 * operators of the program's own alone: nothing that a user wrote stands in them as it is.
 */
export const formulasFile = z.array(z.strictObject({
  text: z.string().describe("As it stands in worked-example.md, lines joined by line feeds"),
  mathml: z.array(z.string()).describe("One <math> element a line"),
}));
export type FormulasFile = z.infer<typeof formulasFile>;

/** Patches and attention by hand. */
export const WORKED_EXAMPLE = "worked-example.md";
/** The table of CNN, RNN and Transformer. */
export const COMPARISON = "comparison.md";
export const FORMULAS = "formulas.json";
export const RESULT = "result.json";
