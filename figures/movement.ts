import { type Figure, figure, percent } from "./figure.ts";
import { COLOURS } from "./theme.ts";

/** How far one role's tensors in a part have moved, by their norm before. */
export interface MovedPart {
  readonly part: string;
  /** "attention", "mlp" or "norms"; null: the part as a whole. */
  readonly role: string | null;
  readonly relative: number | null;
}

const NAMES: Readonly<Record<string, string>> = {
  attention: "attention",
  mlp: "MLP",
  norms: "layer norms",
};

/** How far each block's weights moved in fine-tuning, from below. */
export function movement(parts: readonly MovedPart[]): Figure {
  const blocks = parts.filter(({ role }) => role !== null);
  const whole = parts.filter(({ role }) => role === null);
  const values = blocks.map(({ part, role, relative }) => ({
    part,
    role: NAMES[role!],
    relative: relative ?? 0,
  }));
  const still = whole.filter(({ relative }) => relative === 0).map(({ part }) => part);
  const most = whole.reduce((a, b) => (b.relative ?? 0) > (a.relative ?? 0) ? b : a, whole[0]);
  return figure({
    name: "weights-moved",
    title: "How far fine-tuning moved each block's weights",
    subtitle: [
      "Norm of the change, by the norm before",
      still.length === 0
        ? "No part stayed as it was"
        : `Not moved at all: ${still.length} of ${whole.length} parts (frozen)`,
    ],
    description: `Bars by block for attention, MLP and layer norms. ${
      still.length === 0 ? "" : `Not moved: ${still.join(", ")}. `
    }Farthest as a whole: ${most.part}, ${percent(most.relative ?? 0, 2)} of its norm.`,
  }, {
    width: 560,
    height: 260,
    data: { values },
    mark: { type: "bar" },
    encoding: {
      x: {
        field: "part",
        type: "nominal",
        sort: null,
        title: "block, from below",
        axis: { labelAngle: 0, labelExpr: "replace(datum.label, 'block ', '')" },
      },
      xOffset: { field: "role", sort: Object.values(NAMES) },
      y: {
        field: "relative",
        type: "quantitative",
        title: "change by norm before",
        axis: { format: "~%", tickCount: 5 },
      },
      color: {
        field: "role",
        sort: Object.values(NAMES),
        title: null,
        scale: { range: [COLOURS.blue, COLOURS.orange, COLOURS.green] },
      },
    },
  });
}
