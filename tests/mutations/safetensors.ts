import { concat } from "../../base/bytes.ts";
import type { Random } from "../../base/random.ts";
import { EXTREMES, mutateBytes, pick } from "./bytes.ts";
import { anyText, anyValue, mutateNode, type Node, nodeOf, textOf } from "./json.ts";

type Bytes = Uint8Array<ArrayBuffer>;

const DTYPES = ["F64", "F32", "F16", "BF16", "I64", "U8", "BOOL", "F8_E4M3", "F4", "f32", "C64"];

/**
 * Damages a safetensors file. Half of the time as any bytes; else its header is read, edited (length,
 * number types, shapes, offsets, names, nesting) and put before the data again.
 */
export function mutateSafetensors(bytes: Bytes, draw: Random, other: Bytes): Bytes {
  if (draw.below(2) === 0) return mutateBytes(bytes, draw, other);
  const length = Number(new DataView(bytes.buffer).getBigUint64(0, true));
  const text = new TextDecoder().decode(bytes.subarray(8, 8 + length));
  let header = nodeOf(JSON.parse(text));
  for (let left = 1 + draw.below(3); left > 0; left--) {
    header = draw.below(3) === 0 ? mutateNode(header, draw) : forge(header, draw);
  }
  let json: Bytes = new TextEncoder().encode(frame(textOf(header), draw));
  if (draw.below(10) === 0) json = mutateBytes(json, draw);
  const written = draw.below(6) === 0 ? pick(draw, EXTREMES) : BigInt(json.length);
  const head = new Uint8Array(8);
  new DataView(head.buffer).setBigUint64(0, written, true);
  return concat([head, json, bytes.subarray(8 + length)]);
}

/** What may stand around a header that is right. */
function frame(json: string, draw: Random): string {
  switch (draw.below(16)) {
    case 0:
      return ` ${json}`;
    case 1:
      return `\ufeff${json}`;
    case 2:
      return `${json}\0\0\0`;
    case 3:
      return `${json}${" ".repeat(draw.below(5000))}`;
    case 4:
      return `${json}{}`;
    default:
      return json;
  }
}

/** One lie about one tensor. */
function forge(header: Node, draw: Random): Node {
  if (!("entries" in header) || header.entries.length === 0) return header;
  const entry = pick(draw, header.entries);
  const fields = "entries" in entry[1] ? entry[1].entries : [];
  const set = (key: string, value: Node) => {
    const field = fields.find(([name]) => name === key);
    if (field) field[1] = value;
  };
  const offsets = fields.find(([name]) => name === "data_offsets")?.[1];
  switch (draw.below(8)) {
    case 0:
      set("dtype", draw.below(4) === 0 ? anyValue(draw) : nodeOf(pick(draw, DTYPES)));
      break;
    case 1:
      set("shape", { items: Array.from({ length: draw.below(40) }, () => anyValue(draw)) });
      break;
    case 2: // shapes whose product wraps around
      set("shape", nodeOf(pick(draw, [[2 ** 32, 2 ** 32], [2 ** 53], [0, 2 ** 52], [], [-1, -1]])));
      break;
    case 3:
      set("data_offsets", { items: [anyValue(draw), anyValue(draw)] });
      break;
    case 4:
      if (offsets && "items" in offsets) offsets.items.reverse();
      break;
    case 5: // another tensor's place, or a name that stands there already
      if (draw.below(2) === 0) entry[0] = pick(draw, header.entries)[0];
      else entry[1] = structuredClone(pick(draw, header.entries)[1]);
      break;
    case 6:
      entry[0] = draw.below(3) === 0 ? "__metadata__" : anyText(draw);
      break;
    default:
      header.entries.push(["__metadata__", anyValue(draw)]);
  }
  return header;
}
