import { count, type Figure, figure, percent, WITH_PREFIX } from "./figure.ts";
import { COLOURS } from "./theme.ts";

/** Parameters of a part that stay as they are, and that are trained. */
export interface PartStatus {
  readonly part: string;
  readonly frozen: number;
  readonly trainable: number;
}

/** What is frozen and what is trained, from the input up. */
export function trainableByPart(parts: readonly PartStatus[]): Figure {
  const [frozen, trainable] = [total(parts, "frozen"), total(parts, "trainable")];
  const share = trainable / Math.max(1, frozen + trainable);
  const rows = parts.flatMap((part) =>
    (["frozen", "trainable"] as const).map((status) => ({
      part: part.part,
      status,
      parameters: part[status],
    })).filter(({ parameters }) => parameters > 0)
  );
  return figure({
    name: "frozen-and-trainable",
    title: "Frozen and trainable parameters",
    subtitle: `${count(frozen)} frozen, ${count(trainable)} trainable (${percent(share)})`,
    description: `Bars by part of the model. Frozen: ${names(parts, "frozen")}. Trainable: ${
      names(parts, "trainable")
    }. ${count(trainable)} of ${count(frozen + trainable)} parameters are trained.`,
  }, {
    width: 560,
    height: { step: 26 },
    data: { values: rows },
    mark: "bar",
    encoding: {
      y: { field: "part", type: "nominal", sort: parts.map(({ part }) => part), title: null },
      x: {
        field: "parameters",
        type: "quantitative",
        title: "parameters",
        axis: { ...WITH_PREFIX, tickCount: 6 },
      },
      color: {
        field: "status",
        type: "nominal",
        title: null,
        scale: {
          domain: ["frozen", "trainable"],
          range: [COLOURS.sky, COLOURS.vermilion],
        },
        legend: { orient: "top" },
      },
    },
  });
}

function total(parts: readonly PartStatus[], status: "frozen" | "trainable"): number {
  return parts.reduce((sum, part) => sum + part[status], 0);
}

function names(parts: readonly PartStatus[], status: "frozen" | "trainable"): string {
  return parts.filter((part) => part[status] > 0).map((part) => part.part).join(", ") || "nothing";
}
