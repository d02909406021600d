import { z } from "zod";

/** `report.json`: what a run's report says that its folder has nowhere else. */
export const reportFile = z.strictObject({
  configText: z.string().optional().describe("The config as it was written"),
  settings: z.array(z.string()).optional().describe(
    "What was set beside the config, `train.epochs=3`: by `--set`, or by the point of a sweep",
  ),
  command: z.string().optional().describe(
    "The command that makes the same run; without it `deno task run` with the config's path",
  ),
});

/** What the run's folder does not have. */
export interface ReportOptions extends z.infer<typeof reportFile> {
  /** Says what the report is made of, as 64 hexadecimal digits; the page carries it in its head. */
  readonly stamp?: string;
}
