import type { Section } from "./document.ts";

/** Figures count from 1 in the order of the page: number by `STAGE/NAME`. */
export function numberFigures(sections: readonly Section[]): Map<string, number> {
  const numbers = new Map<string, number>();
  for (const block of sections.flatMap(({ blocks }) => blocks)) {
    if (block.type === "figure") {
      numbers.set(`${block.stage}/${block.figure.name}`, numbers.size + 1);
    }
  }
  return numbers;
}
