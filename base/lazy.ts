/**
 * Imports a module when it is called, and reads nothing of it before. Deno reads and parses all that
 * stands behind a literal `import("…")` when the program starts, called or not: a run in which
 * nothing is to do would pay for TensorFlow.js and Vega.
 *
 * ```ts
 * run: lazily<typeof import("./run.ts")>("./run.ts", import.meta.url)
 * ```
 *
 * @param specifier Relative to the module that asks.
 * @param from Its `import.meta.url`.
 */
export function lazily<Module>(specifier: string, from: string): () => Promise<Module> {
  return () => import(new URL(specifier, from).href);
}
