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

/** Puts what `link` makes of a figure's number in place of "figure `name`" in a stage's text. */
export function withNumbers(
  source: string,
  stage: string,
  numbers: ReadonlyMap<string, number>,
  link: (number: number) => string,
): string {
  return source.replace(/\bfigure `([a-z0-9-]+)`/g, (words, name) => {
    const number = numbers.get(`${stage}/${name}`);
    return number === undefined ? words : link(number);
  });
}
