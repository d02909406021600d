import { openSafetensors, toFloat32 } from "../../base/safetensors.ts";
import { ATTENTION, attentionFile } from "../../stages/visualize/files.ts";
import { readJson } from "../results.ts";
import { json, type Question } from "./api.ts";
import { inside, namesIn } from "./files.ts";
import { answer } from "./guard.ts";
import type { AttentionMessage } from "./messages.ts";

/**
 * Answers of what a stage published of attention: `/api/attention?name=RUN&stage=STAGE` says what there
 * is, `/api/attention/tensor?…&tensor=attention&at=0,3` gives numbers, those of block 3 (from 0) of
 * the first image here: little-endian floats of 32 bits, or bytes where they are pixels.
 */
export async function answerAttention(
  { outputs, url, request }: Question,
  name: string,
): Promise<Response> {
  const stage = namesIn(encodeURIComponent(url.searchParams.get("stage") ?? ""));
  const folder = stage && [...name.split("/"), ...stage];
  const about = folder && await inside(outputs, [...folder, "attention.json"]);
  const data = folder && await inside(outputs, [...folder, ATTENTION]);
  if (!about || !data) return answer(404, "That stage has published no attention");
  const read = await readJson(about, attentionFile);
  if (read === undefined) return answer(404, "Its attention.json is of another version");
  using file = await openSafetensors(data);
  if (url.pathname === "/api/attention") {
    const shapes = Object.fromEntries(file.names.map((name) => [name, file.info(name).shape]));
    const message: AttentionMessage = { about: read, shapes };
    return await json(message, request);
  }
  const tensor = url.searchParams.get("tensor") ?? "";
  if (!file.has(tensor)) return answer(404, "There is no such tensor");
  const { dtype, shape } = file.info(tensor);
  const at = (url.searchParams.get("at") ?? "").split(",").map(Number);
  const isPlace = at.length <= shape.length &&
    at.every((index, i) => Number.isInteger(index) && index >= 0 && index < shape[i]);
  if (!isPlace) return answer(400, `The tensor has the shape ${shape.join(" x ")}`);
  const row = file.rowsSync(tensor, at[0], 1);
  const [offset, length] = at.slice(1).reduce(
    ([offset, length], index, i) => {
      const part = length / shape[i + 1];
      return [offset + index * part, part];
    },
    [0, row.length],
  );
  // A copy begins at a multiple of every number's size.
  const bytes = row.slice(offset, offset + length);
  return new Response(dtype === "U8" ? bytes : toFloat32(dtype, bytes), {
    headers: { "content-type": "application/octet-stream" },
  });
}
