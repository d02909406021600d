import { type Figure, figure, panelTitle, rounded } from "./figure.ts";
import { HEAT } from "./theme.ts";

/** How alike what each place of a model computes is before and after fine-tuning. */
export interface Likeness {
  /** "embeddings", "block 0" and so on. */
  readonly places: readonly string[];
  /** Linear CKA, `[before][after]`; null where it is not defined. */
  readonly classToken: readonly (readonly (number | null)[])[];
  readonly patches: readonly (readonly (number | null)[])[];
  /** Test images that it was measured on. */
  readonly images: number;
}

/** Sides of a panel's cells together, units of the figure. */
const SIDE = 330;
/** In smaller cells numbers can't be read. */
const LEAST_FOR_NUMBERS = 26;

/** Two heat maps: the class token, and the mean of the patches. */
export function likeness({ places, classToken, patches, images }: Likeness): Figure {
  const step = Math.max(12, Math.floor(SIDE / places.length));
  const names = places.map((place) => place.replace(/^block /, "").replace("embeddings", "emb."));
  const last = places.length - 1;
  const inWords = (value: number | null) => value === null ? "not defined" : value.toFixed(2);
  return figure({
    name: "likeness-before-after",
    title: "What each block computes, before and after fine-tuning",
    subtitle: [
      "Linear CKA on the same images: 1 the same but for turning and scaling, 0 nothing in common",
      `${images} test images. On the diagonal: a block beside itself; –: the same for every image`,
    ],
    description: `Two heat maps of ${places.length} by ${places.length} places, before by after. ` +
      `On the diagonal after the highest block: class token ${
        inWords(classToken[last][last])
      }, mean of the patches ${inWords(patches[last][last])}.`,
  }, {
    hconcat: [
      panel("class token", classToken, names, step, true),
      panel("mean of the patches", patches, names, step, false),
    ],
    spacing: 36,
  });
}

function panel(
  title: string,
  table: Likeness["classToken"],
  names: readonly string[],
  step: number,
  first: boolean,
) {
  const values = table.flatMap((row, i) =>
    row.map((alike, j) => ({
      before: names[i],
      after: names[j],
      // The estimate has no bias and so may fall a little below 0.
      alike: alike === null ? null : rounded(Math.max(0, alike), 3),
      text: alike === null ? "–" : Math.max(0, alike).toFixed(2).replace(/^0\./, "."),
    }))
  );
  const axis = { labelAngle: 0, labelOverlap: step < LEAST_FOR_NUMBERS };
  const sort = [...names];
  const x = { field: "after", type: "nominal", sort, title: "after fine-tuning: block", axis };
  const y = {
    field: "before",
    type: "nominal",
    sort: sort.toReversed(),
    title: first ? "before fine-tuning: block" : null,
    axis,
  };
  return {
    title: panelTitle(title),
    width: { step },
    height: { step },
    data: { values },
    layer: [
      {
        mark: { type: "rect" },
        encoding: {
          x,
          y,
          color: {
            field: "alike",
            type: "quantitative",
            title: "CKA",
            scale: { domain: [0, 1], scheme: HEAT },
            legend: { gradientLength: 200 },
          },
        },
      },
      ...(step < LEAST_FOR_NUMBERS ? [] : [{
        mark: { type: "text", fontSize: Math.min(12, Math.floor(step / 2.6)) },
        encoding: {
          x,
          y,
          text: { field: "text" },
          color: {
            condition: { test: "datum.alike !== null && datum.alike < 0.6", value: "#ffffff" },
            value: "#000000",
          },
        },
      }]),
    ],
  };
}
