import { join } from "node:path";
import { readPlan } from "../../../pipeline/plan.ts";
import { ConfigProblems } from "../../../pipeline/problems.ts";
import { registry } from "../../../stages/mod.ts";
import type { Artifact, StageContext } from "../../../stages/stage.ts";
import {
  type FormulasFile,
  formulasFile,
  type ResultFile,
  resultFile,
} from "../../../stages/worked-example/files.ts";
import type { WorkedExampleParams } from "../../../stages/worked-example/params.ts";
import { run } from "../../../stages/worked-example/run.ts";
import { Configs } from "../../pipeline/config_stages.ts";

/** What the stage publishes. */
export interface Worked {
  readonly result: ResultFile;
  readonly formulas: FormulasFile;
  readonly example: string;
  readonly comparison: string;
}

/** The stage's parameters as the plan has them. @param text Below `worked-example:`, indented by 4. */
export async function planned(text: string): Promise<WorkedExampleParams> {
  const config = `stages:\n  worked-example:\n${text || "    {}\n"}`;
  await using configs = await Configs.create({ "theory.yaml": config });
  const plan = await readPlan({ config: join(configs.folder, "theory.yaml"), set: [], registry });
  return plan.stages[0].params as WorkedExampleParams;
}

/** What is wrong with such parameters: `line:column message` each, the first line being theirs. */
export async function mistakes(text: string): Promise<string[]> {
  const error = await planned(text).then(() => undefined, (error) => error);
  if (!(error instanceof ConfigProblems)) throw error ?? new Error("Nothing was wrong");
  return error.problems.map(({ at, message }) => {
    const before = at!.source.text!.slice(0, at!.start).split("\n");
    return `${before.length - 2}:${before.at(-1)!.length + 1} ${message}`;
  });
}

/** Runs the stage. @param measured Artifacts of evaluate. */
export async function work(text: string, measured: readonly Artifact[] = []): Promise<Worked> {
  const files = new Map<string, string>();
  const params = await planned(text);
  await run({
    params,
    inputs: { measured },
    output: {
      json: (name: string, value: unknown) => {
        files.set(name, JSON.stringify(value));
        return Promise.resolve();
      },
      text: (name: string, value: string) => {
        files.set(name, value);
        return Promise.resolve();
      },
    },
    report: { line: () => {} },
  } as unknown as StageContext<WorkedExampleParams, never, "measured">);
  return {
    result: resultFile.parse(JSON.parse(files.get("result.json")!)),
    formulas: formulasFile.parse(JSON.parse(files.get("formulas.json")!)),
    example: files.get("worked-example.md")!,
    comparison: files.get("comparison.md")!,
  };
}

/** Whether two matrices agree to 1e-12 of the larger number. */
export function agree(
  found: readonly (readonly number[])[],
  wanted: readonly (readonly number[])[],
): boolean {
  return found.length === wanted.length &&
    found.every((row, i) =>
      row.length === wanted[i].length &&
      row.every((x, j) =>
        Math.abs(x - wanted[i][j]) <= 1e-12 * Math.max(Math.abs(x), Math.abs(wanted[i][j]))
      )
    );
}
