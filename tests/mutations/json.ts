import type { Random } from "../../base/random.ts";
import { pick } from "./bytes.ts";

/**
 * JSON that may be what no writer of JSON would write: keys that repeat, numbers of any spelling.
 * A leaf is the text that stands in the file.
 */
export type Node = { entries: [key: string, value: Node][] } | { items: Node[] } | { text: string };

/** Reads a value. */
export function nodeOf(value: unknown): Node {
  if (Array.isArray(value)) return { items: value.map(nodeOf) };
  if (typeof value !== "object" || value === null) return { text: JSON.stringify(value) };
  return { entries: Object.entries(value).map(([key, inner]) => [key, nodeOf(inner)]) };
}

/** Writes a node as JSON, or as what claims to be. */
export function textOf(node: Node): string {
  if ("text" in node) return node.text;
  if ("items" in node) return `[${node.items.map(textOf).join(",")}]`;
  return `{${node.entries.map(([k, v]) => `${JSON.stringify(k)}:${textOf(v)}`).join(",")}}`;
}

/** Numbers, by their spelling, that a parser, a multiplication or an allocation may trip over. */
const NUMBERS = [
  ...["0", "-0", "-1", "1", "2", "3", "0.5", "1.5", "-1.5", "7", "63", "255", "256", "1000"],
  ...["65535", "65536", "1000000", "16777217", "2147483647", "2147483648", "4294967295"],
  ...["4294967296", "9007199254740991", "9007199254740992", "9223372036854775807", "-2147483649"],
  ...["18446744073709551615", "18446744073709551616", "1e9", "1e15", "1e21", "1e308", "1e309"],
  ...["-1e309", "1e-320", "5e-324", "0.1e1", "123456789012345678901234567890"],
];

/** What is no JSON at all. */
const BROKEN = ["NaN", "Infinity", "-Infinity", "", "'", "nul", "0x10", "1_000", "+1", "01", ".5"];

const TEXTS = [
  ...["", " ", "a", "__proto__", "constructor", "toString", "null", "true", "12", "../..", "/"],
  ...[
    "\u0000",
    "a\nb",
    "a\r\nb",
    "\u001b[31mred\u001b[0m",
    "\u202eabc",
    "\u2067abc",
    "\u2028",
    "\ud800",
  ],
  ...["ä".repeat(300), "🦜", "x".repeat(5000), "a/b@c", "%s%n", "${HOME}", "C:\\x", "\ufeff"],
];

/** Any value at all, as it stands in a file. */
export function anyValue(draw: Random): Node {
  switch (draw.below(10)) {
    case 0:
      return { text: pick(draw, ["null", "true", "false"]) };
    case 1:
      return { text: pick(draw, BROKEN) };
    case 2:
    case 3:
      return { text: JSON.stringify(anyText(draw)) };
    case 4:
      return { items: Array.from({ length: draw.below(5) }, () => anyValue(draw)) };
    case 5:
      return { entries: [[anyText(draw), anyValue(draw)]] };
    case 6:
      return draw.below(8) === 0 ? deep(draw) : { text: pick(draw, NUMBERS) };
    default:
      return { text: pick(draw, NUMBERS) };
  }
}

/** A text that is unlike a word. */
export function anyText(draw: Random): string {
  return pick(draw, TEXTS);
}

/** Brackets in brackets: parsers that call themselves run out of stack. */
function deep(draw: Random): Node {
  const depth = pick(draw, [100, 1000, 10_000, 100_000]);
  const [open, close] = pick(draw, [["[", "]"], ['{"a":', "}"]]);
  const inside = draw.below(2) === 0 ? "1" : "";
  return { text: open.repeat(depth) + inside + (draw.below(3) === 0 ? "" : close.repeat(depth)) };
}

/**
 * Changes a JSON text: one to four edits of its values and keys.
 * @param text JSON.
 */
export function mutateJson(text: string, draw: Random): string {
  let node = nodeOf(JSON.parse(text));
  for (let left = 1 + draw.below(4); left > 0; left--) node = mutateNode(node, draw);
  return textOf(node);
}

/** One edit somewhere in a node. */
export function mutateNode(root: Node, draw: Random): Node {
  const places: { set(node: Node): void; node: Node; parent?: Node; index?: number }[] = [];
  const result = { root };
  const visit = (node: Node, set: (node: Node) => void, parent?: Node, index?: number): void => {
    places.push({ set, node, parent, index });
    if ("items" in node) {
      const { items } = node;
      items.forEach((item, i) => visit(item, (other) => items[i] = other, node, i));
    } else if ("entries" in node) {
      node.entries.forEach((entry, i) => visit(entry[1], (other) => entry[1] = other, node, i));
    }
  };
  visit(root, (node) => result.root = node);
  const { set, node, parent, index = 0 } = pick(draw, places);
  const siblings = parent &&
    ("items" in parent ? parent.items : "entries" in parent ? parent.entries : undefined);
  switch (draw.below(8)) {
    case 0: // taken out
      siblings?.splice(index, 1);
      break;
    case 1: // twice
      siblings?.splice(
        draw.below(siblings.length + 1),
        0,
        structuredClone(siblings[index]) as never,
      );
      break;
    case 2: // another key
      if (parent && "entries" in parent) {
        const other = pick(draw, parent.entries)[0];
        parent.entries[index][0] = pick(draw, [
          anyText(draw),
          other,
          other.toUpperCase(),
          `${other}_`,
        ]);
      }
      break;
    case 3: // what stands elsewhere
      set(structuredClone(pick(draw, places).node));
      break;
    case 4: // wrapped, or unwrapped
      if ("items" in node && node.items.length > 0) set(node.items[0]);
      else set(draw.below(2) === 0 ? { items: [node] } : { entries: [[anyText(draw), node]] });
      break;
    case 5: // a number as a text, a text as a number
      if ("text" in node) set({ text: JSON.stringify(node.text.replaceAll('"', "")) });
      break;
    default:
      set(anyValue(draw));
  }
  return result.root;
}
