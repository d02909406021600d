import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { lazily } from "../base/lazy.ts";
import type { RendererSource } from "../pipeline/figures.ts";
import { Program } from "../pipeline/program.ts";

/** Folder of this program's deno.json. */
const CODE_ROOT = fileURLToPath(new URL("..", import.meta.url)).replace(/[\\/]$/, "");

/** What this process keeps over all its runs. */
export const PROGRAM = new Program(CODE_ROOT);

/** What turns figures into pictures: its code counts in their keys. */
export const RENDERER: RendererSource = {
  module: join(CODE_ROOT, "figures", "render.ts"),
  load: lazily<typeof import("../figures/render.ts")>("../figures/render.ts", import.meta.url),
};
