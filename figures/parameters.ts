import { count, type Figure, figure, percent, WITH_PREFIX } from "./figure.ts";
import { COLOURS } from "./theme.ts";

/** A part of the model: "embeddings", "block 0" and so on from below, "norm", "head". */
export interface Part {
  readonly name: string;
  readonly parameters: number;
}

/** How many parameters each part of the model has, from the input up. */
export function parametersByPart(parts: readonly Part[], family: string): Figure {
  const total = parts.reduce((sum, part) => sum + part.parameters, 0);
  const rows = parts.map(({ name, parameters }) => ({
    part: name,
    parameters,
    label: `${count(parameters)}  (${shareOf(parameters, total)})`,
  }));
  return figure({
    name: "parameters-by-part",
    title: "Parameters by part of the model",
    subtitle: `${count(total)} in all (${family})`,
    description: `Bars for ${parts.length} parts of a ${family} model with ${
      count(total)
    } parameters: ${parts.map((part) => `${part.name} ${count(part.parameters)}`).join(", ")}.`,
  }, {
    width: 560,
    height: { step: 26 },
    data: { values: rows },
    encoding: {
      y: { field: "part", type: "nominal", sort: null, title: null },
      x: {
        field: "parameters",
        type: "quantitative",
        title: "parameters",
        axis: { ...WITH_PREFIX, tickCount: 6, grid: false },
        // Room for the text to the right of the longest bar.
        scale: { domainMax: Math.max(...parts.map((part) => part.parameters)) * 1.35, nice: false },
      },
    },
    layer: [
      { mark: { type: "bar", color: COLOURS.blue } },
      {
        mark: { type: "text", align: "left", dx: 6 },
        encoding: { text: { field: "label", type: "nominal" } },
      },
    ],
  });
}

/** A share in words that do not make nothing of a little. */
function shareOf(parameters: number, total: number): string {
  return parameters > 0 && parameters / total < 0.0005 ? "<0.1%" : percent(parameters / total);
}
