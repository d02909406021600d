import { stripTypeScriptTypes } from "node:module";
import { join } from "node:path";
import { answer } from "./guard.ts";

/** The viewer's own files. */
const FOLDER = join(import.meta.dirname!, "page");

const TYPES: Readonly<Record<string, string>> = {
  css: "text/css; charset=utf-8",
  html: "text/html; charset=utf-8",
  svg: "image/svg+xml",
  ts: "text/javascript; charset=utf-8",
};

const made = new Map<string, Promise<string>>();

/**
 * Answers with a file of `page/`: `/` is index.html. A module goes out with its types blanked; lines
 * and columns stay what they are, so an error in the browser's console points into the source.
 */
export async function servePage(pathname: string): Promise<Response> {
  const name = pathname === "/" ? "index.html" : pathname.slice(1);
  const ending = /^[a-z_]+\.(css|html|svg|ts)$/.exec(name)?.[1];
  if (ending === undefined) return answer(404, "There is no such page");
  try {
    const text = made.get(name) ?? read(name, ending);
    made.set(name, text);
    return new Response(await text, { headers: { "content-type": TYPES[ending] } });
  } catch (error) {
    made.delete(name);
    if (error instanceof Deno.errors.NotFound) return answer(404, "There is no such page");
    throw error;
  }
}

async function read(name: string, ending: string): Promise<string> {
  const text = await Deno.readTextFile(join(FOLDER, name));
  return ending === "ts" ? stripTypeScriptTypes(text) : text;
}
