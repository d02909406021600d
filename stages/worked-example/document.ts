import { type Formula, math } from "./formula.ts";

/** A piece of a text that becomes Markdown, and whose formulas a page can set. */
export type Block =
  | { readonly type: "heading"; readonly level: 2 | 3; readonly text: string }
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "list"; readonly items: readonly string[] }
  | { readonly type: "formulas"; readonly lines: readonly Formula[] }
  | {
    readonly type: "table";
    readonly head: readonly string[];
    readonly rows: readonly (readonly string[])[];
    /** Columns that stand on the right. */
    readonly numeric?: readonly number[];
  };

export const heading = (level: 2 | 3, text: string): Block => ({ type: "heading", level, text });
export const text = (text: string): Block => ({ type: "text", text });
export const list = (...items: string[]): Block => ({ type: "list", items });
export const formulas = (...lines: Formula[]): Block => ({ type: "formulas", lines });

/** The text as Markdown: formulas as lines of code, which read as they are. */
export function toMarkdown(title: string, blocks: readonly Block[]): string {
  return [`# ${title}`, ...blocks.map(markdownOf)].join("\n\n") + "\n";
}

function markdownOf(block: Block): string {
  switch (block.type) {
    case "heading":
      return `${"#".repeat(block.level)} ${block.text}`;
    case "text":
      return block.text;
    case "list":
      return block.items.map((item) => `- ${item}`).join("\n");
    case "formulas":
      return `\`\`\`text\n${textOf(block.lines)}\n\`\`\``;
    case "table": {
      const { head, rows, numeric = [] } = block;
      const rule = head.map((_, column) => numeric.includes(column) ? "---:" : "---");
      return [head, rule, ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
    }
  }
}

/** Every block of formulas, in order: its text as in the Markdown, and a `<math>` for each line. */
export function formulasOf(blocks: readonly Block[]): { text: string; mathml: string[] }[] {
  return blocks.flatMap((block) =>
    block.type === "formulas" ? [{ text: textOf(block.lines), mathml: block.lines.map(math) }] : []
  );
}

function textOf(lines: readonly Formula[]): string {
  return lines.map(({ text }) => text).join("\n");
}
