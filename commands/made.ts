import { hostname } from "node:os";
import type { Engine } from "../engine/mod.ts";

/** How an artifact was made, for `artifact.json` alone: no key and no result depends on it. */
export function made(): Record<string, unknown> {
  return {
    host: hostname(),
    platform: `${Deno.build.os} ${Deno.build.arch}`,
    deno: Deno.version.deno,
    v8: Deno.version.v8,
  };
}

/** What is added once an engine is open. */
export function madeBy(engine: Engine): Record<string, unknown> {
  return { engine: engine.name, engine_version: engine.description, threads: engine.threads };
}
