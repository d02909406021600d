import type { Random } from "../../base/random.ts";
import { mutateBytes, pick } from "./bytes.ts";
import { anyText, anyValue, mutateJson, textOf } from "./json.ts";

/** Spellings of a value that YAML gives a meaning of its own. */
const SCALARS = [
  ...["~", "", "yes", "off", "0x1F", "0o17", "1_000", ".inf", "-.inf", ".nan", "1e999", "-1", "0"],
  ...[
    "12:30:45",
    "2001-12-14",
    "!!str 3",
    "!!binary aGVsbG8=",
    "!!python/object:os.system",
    "!x y",
  ],
  ...["&a 1", "*a", "*nowhere", "&a *a", "<<", "|", ">-", "'", '"', '"a', "'it''s", "@", "`", "%"],
  ...["[", "]", "{", "}", "[1, 2", "{a: 1", "{a, b}", "? a", "- a", "a: b: c", "# x", "a #b", ","],
  ...["../../etc/passwd", "/", "/dev/null", "models", "owner/name", "owner/name@main", "\u0000"],
];

/** Lines that belong nowhere, or mean much. */
const LINES = [
  ...[
    "---",
    "...",
    "%YAML 1.1",
    "%TAG ! tag:x,2000:",
    "\t",
    "\tepochs: 3",
    "? [a, b]",
    ": 1",
    "- 1",
  ],
  ...["<<: *a", "<<: 3", "__proto__: { epochs: 3 }", "constructor: 1", "extends: mutated.yaml"],
  ...[
    "extends: base.yaml",
    "extends: .",
    "extends: [a]",
    "sweep: { method: grid, parameters: {} }",
  ],
  ...["seed: 4294967296", "seed: -1", "name: ../x", "name: con", "stages: {}", "stages: [train]"],
  ...[
    "  train: &a",
    "  train: *a",
    "  uses: ./none.ts",
    "  needs: { data: train }",
    "    needs: train",
  ],
];

/**
 * Damages a YAML config: one to four edits of its lines and values, or, one time in four, of the
 * same config written as JSON, which is YAML too.
 *
 * @param text The config.
 * @param value What it says, for the second way.
 */
export function mutateYaml(text: string, value: unknown, draw: Random): Uint8Array<ArrayBuffer> {
  const encoder = new TextEncoder();
  if (draw.below(4) === 0) return encoder.encode(mutateJson(JSON.stringify(value), draw));
  let lines = text.split("\n");
  for (let left = 1 + draw.below(4); left > 0; left--) lines = mutateLines(lines, draw);
  const bytes = encoder.encode(frame(lines, draw));
  return draw.below(8) === 0 ? mutateBytes(bytes, draw) : bytes;
}

function mutateLines(lines: string[], draw: Random): string[] {
  if (lines.length === 0) return [pick(draw, LINES)];
  const at = draw.below(lines.length);
  const line = lines[at];
  switch (draw.below(13)) {
    case 0:
      return lines.toSpliced(at, 1 + draw.below(3));
    case 1:
      return lines.toSpliced(draw.below(lines.length), 0, line);
    case 2:
      return lines.toSpliced(at, 0, pick(draw, LINES));
    case 3: // moved to the left or to the right
      return lines.with(
        at,
        draw.below(2) === 0
          ? line.replace(/^ {1,2}/, "")
          : `${pick(draw, [" ", "  ", "\t"])}${line}`,
      );
    case 4:
      return lines.with(at, line.slice(0, draw.below(line.length + 1)));
    case 5: {
      const other = draw.below(lines.length);
      return lines.with(at, lines[other]).with(other, line);
    }
    case 6: // another key
      return lines.with(at, line.replace(/[\w-]+(?=:)/, (key) => misspell(key, draw)));
    case 7:
      return lines.with(at, line.replace(/: *[^#{]*/, `: ${aliases(draw)}`));
    case 8:
      return [...lines, ...laughs(draw)];
    default: // another value
      return lines.with(
        at,
        line.replace(/([:[,] *)([^\s,:{}[\]#]+)/, (_, mark) => mark + scalar(draw)),
      );
  }
}

function misspell(key: string, draw: Random): string {
  const at = draw.below(key.length);
  return pick(draw, [
    key.slice(0, at) + key.slice(at + 1),
    key.slice(0, at) + "x" + key.slice(at),
    key.toUpperCase(),
    key.replaceAll("_", "-"),
    "__proto__",
    `"${key}"`,
    `? ${key}`,
    JSON.stringify(anyText(draw)),
  ]);
}

function scalar(draw: Random): string {
  if (draw.below(40) === 0) return "x".repeat(1 << (10 + draw.below(10)));
  return draw.below(2) === 0 ? pick(draw, SCALARS) : textOf(anyValue(draw));
}

function aliases(draw: Random): string {
  return pick(draw, ["&a { b: 1 }", "*a", "&a [*a]", "[&a 1, *a, *b]", "{ <<: *a, c: 1 }", "&a"]);
}

/** A billion laughs: a few lines of aliases that stand for more values than any machine holds. */
function laughs(draw: Random): string[] {
  const [depth, width] = [2 + draw.below(12), 2 + draw.below(9)];
  const map = draw.below(2) === 0;
  const item = (level: number) => level === 0 ? "1" : `*l${level - 1}`;
  return Array.from({ length: depth }, (_, level) => {
    const items = Array.from({ length: width }, (_, i) => (map ? `k${i}: ` : "") + item(level));
    return `l${level}: &l${level} ${map ? "{" : "["} ${items.join(", ")} ${map ? "}" : "]"}`;
  }).concat(draw.below(2) === 0 ? [] : [`stages: *l${depth - 1}`]);
}

/** The whole text, as other editors and systems save it. */
function frame(lines: string[], draw: Random): string {
  const text = lines.join("\n");
  switch (draw.below(16)) {
    case 0:
      return lines.join("\r\n");
    case 1:
      return `\ufeff${text}`;
    case 2:
      return lines.join("\r");
    case 3:
      return text.slice(0, draw.below(text.length + 1));
    case 4:
      return `${text}\n---\n${text}`;
    case 5:
      return pick(draw, ["\n", "\0"]) + text + "\0";
    default:
      return text;
  }
}
