import type { DiscussionFile } from "../files.ts";
import { counted } from "./words.ts";

type Finding = DiscussionFile["parts"][number]["findings"][number];

/** `discussion.md`: the findings of discussion.json, to be read. */
export function discussionMarkdown({ parts }: DiscussionFile): string {
  return [
    "# How the model attends to parts of the images",
    ...parts.flatMap(({ title, findings }) => [
      `## ${title}`,
      findings.map((finding) => `- ${finding.text}${evidence(finding)}`).join("\n"),
    ]),
  ].join("\n\n") + "\n";
}

/** Value, interval, number of images and figure, behind the sentence. */
function evidence({ value, interval, of, figure }: Finding): string {
  const parts = [
    ...(value === undefined || interval === undefined
      ? []
      : [`${short(value)}, 95% interval ${short(interval[0])} to ${short(interval[1])}`]),
    ...(of === undefined ? [] : [counted(of, "image")]),
    ...(figure === undefined ? [] : [`figure \`${figure}\``]),
  ];
  return parts.length === 0 ? "" : ` (${parts.join("; ")})`;
}

function short(x: number): string {
  return String(Number(x.toPrecision(3)));
}
