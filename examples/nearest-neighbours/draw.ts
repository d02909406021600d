import { z } from "zod";
import { counted, figure, percent } from "../../figures/figure.ts";
import type { Artifact, FigureSpec } from "../../stages/stage.ts";

const file = z.looseObject({ images: z.int(), known: z.int(), accuracy: z.array(z.number()) });

/** Accuracy by the number of neighbours that vote. */
export async function draw(artifact: Artifact): Promise<FigureSpec[]> {
  const { images, known, accuracy } = await artifact.json("neighbours.json", file);
  if (images === 0) return [];
  const best = Math.max(...accuracy);
  const values = accuracy.map((share, index) => ({ neighbours: index + 1, accuracy: share }));
  const result = `${percent(best)} with ${counted(accuracy.indexOf(best) + 1, "neighbour")}`;
  return [figure({
    name: "accuracy-by-neighbours",
    title: "Accuracy by number of neighbours",
    subtitle: `${counted(images, "validation image")}, ${counted(known, "training image")}: at ` +
      `best ${result}`,
    description: "A line: the share of validation images whose class wins the vote of the most " +
      `similar training images, by how many of these vote. At best ${result}.`,
  }, {
    width: 420,
    height: 260,
    data: { values },
    mark: { type: "line", point: { size: 55 } },
    encoding: {
      x: {
        field: "neighbours",
        type: "quantitative",
        title: "training images that vote",
        scale: { domain: [0, accuracy.length] },
        axis: { format: "d", tickMinStep: 1 },
      },
      y: {
        field: "accuracy",
        type: "quantitative",
        title: "validation accuracy",
        axis: { format: ".0%" },
      },
    },
  })];
}
