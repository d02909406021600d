import type { Artifact, FigureSpec } from "../stages/stage.ts";
import type { ScratchOutput } from "./folder.ts";

/** Turns a spec into pictures. */
export interface Renderer {
  render(figure: FigureSpec): Promise<{ svg: string; png: Uint8Array }>;
}

/** A renderer that is loaded at the first figure. */
export interface RendererSource {
  /** Absolute path of its module: its code is part of the key of every figure. */
  readonly module: string;
  readonly load: () => Promise<Renderer>;
}

/**
 * Draws the figures of an artifact: `NAME.vl.json`, `NAME.svg` and `NAME.png` for each, and
 * `figures.json` with their titles and what they show.
 *
 * @returns Names of the figures, in order.
 */
export async function drawFigures(
  artifact: Artifact,
  draw: (artifact: Artifact) => Promise<FigureSpec[]>,
  load: () => Promise<Renderer>,
  output: ScratchOutput,
  signal: AbortSignal,
): Promise<string[]> {
  const figures = await draw(artifact);
  const names = figures.map((figure) => figure.name);
  const twice = names.find((name, i) => names.indexOf(name) < i);
  if (twice !== undefined) throw new Error(`two figures are called "${twice}"`);
  const renderer = figures.length > 0 ? await load() : undefined;
  for (const figure of figures) {
    signal.throwIfAborted();
    if (!/^[a-z0-9]+(?:-[a-z0-9]+)*$/.test(figure.name)) {
      throw new Error(`"${figure.name}" is no name of a figure: lower case, joined by hyphens`);
    }
    const { svg, png } = await renderer!.render(figure);
    await output.json(`${figure.name}.vl.json`, figure.spec);
    await output.text(`${figure.name}.svg`, svg);
    await output.bytes(`${figure.name}.png`, png);
  }
  await output.json(
    "figures.json",
    figures.map(({ name, title, description }) => ({ name, title, description })),
  );
  return names;
}
