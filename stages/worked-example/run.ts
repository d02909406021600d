import type { StageContext } from "../stage.ts";
import { attend, entropy } from "./attention.ts";
import { checkRows } from "./checks.ts";
import { costFormulas, costsAt, type Setting } from "./costs.ts";
import { formulasOf, toMarkdown } from "./document.ts";
import { COMPARISON, FORMULAS, RESULT, type ResultFile, WORKED_EXAMPLE } from "./files.ts";
import { readMeasured } from "./measured.ts";
import type { WorkedExampleParams } from "./params.ts";
import { countPatches } from "./patches.ts";
import { writeAttention } from "./write_attention.ts";
import { writeChecks, writeScaling } from "./write_checks.ts";
import { writeComparison } from "./write_comparison.ts";
import { writePatches } from "./write_patches.ts";

/** Works everything out, as numbers and in words. */
export async function run(
  { params, inputs, output, report }: StageContext<WorkedExampleParams, never, "measured">,
): Promise<void> {
  const patches = countPatches(params.patches);
  const { attention } = params;
  const found = attend(attention);
  const other = attend({ ...attention, scale: !attention.scale });
  const checks = checkRows(found);
  // The plan has filled n and heads in.
  const setting = params.comparison as Setting;
  const measured = await readMeasured(inputs.measured);

  const result: ResultFile = {
    patches,
    attention: {
      patches: attention.patches,
      queries: found.queries,
      keys: found.keys,
      values: found.values,
      scaled: attention.scale,
      divisor: found.divisor,
      scores: found.scores,
      shifts: found.softmax.map(({ shift }) => shift),
      exponentials: found.softmax.map(({ exponentials }) => exponentials),
      sums: found.softmax.map(({ sum }) => sum),
      weights: found.weights,
      outputs: found.outputs,
      entropy: found.weights.map(entropy),
      other: {
        scaled: !attention.scale,
        scores: other.scores,
        weights: other.weights,
        outputs: other.outputs,
      },
      checks: checks.map((row) => ({
        ...row,
        bounds: row.bounds.map(([low, x, high]) => [low, x, high]),
      })),
    },
    comparison: { setting, formulas: costFormulas(), values: costsAt(setting) },
    measured: measured.map((one) => ({
      ...one,
      interval: [one.interval[0], one.interval[1]],
      classes: [...one.classes],
    })),
  };
  const blocks = [
    ...writePatches(patches),
    ...writeAttention(attention, found),
    ...writeScaling(attention, found, other),
    ...writeChecks(found, checks),
  ];
  await output.json(RESULT, result);
  await output.json(FORMULAS, formulasOf(blocks));
  await output.text(WORKED_EXAMPLE, toMarkdown("Theory by hand", blocks));
  const comparison = writeComparison(setting, patches.grid, measured);
  await output.text(COMPARISON, toMarkdown("CNN, RNN and Transformer", comparison));
  report.line(patches.steps[2]);
}
