/**
 * One look for every figure: a Vega-Lite `config`, and the colours that have a meaning.
 *
 * Categories use Okabe and Ito's palette, which people with any of the common colour vision
 * deficiencies can tell apart (Okabe and Ito 2008, "Color universal design"); amounts use viridis,
 * which keeps its order in grey. Sizes are chosen so that a PNG, drawn at twice its nominal size,
 * can still be read at half.
 */

/** Okabe and Ito's colours by name, without yellow, which is too faint on white. */
export const COLOURS = {
  blue: "#0072B2",
  orange: "#E69F00",
  green: "#009E73",
  vermilion: "#D55E00",
  sky: "#56B4E9",
  purple: "#CC79A7",
  grey: "#8A8A8A",
  ink: "#222222",
} as const;

/**
 * The font that the project brings, then what is closest to it in width (both come from Bitstream
 * Vera), so that a browser without it keeps the layout.
 */
export const FONT = "DejaVu Sans, Bitstream Vera Sans, Verdana, sans-serif";

/** The scheme for amounts. */
export const HEAT = "viridis";
/** Its colour for nothing. */
export const LOWEST = "#440154";

const muted = "#555555";

/** What every spec has as its `config`. */
export const THEME = {
  background: "#ffffff",
  font: FONT,
  padding: 16,
  // A description of the whole stands in the figure; one for each mark would multiply its size.
  aria: false,
  view: { stroke: null },
  title: {
    anchor: "start",
    frame: "bounds",
    fontSize: 18,
    fontWeight: "bold",
    color: COLOURS.ink,
    subtitleColor: muted,
    subtitleFontSize: 13,
    subtitlePadding: 6,
    subtitleLineHeight: 18,
    offset: 18,
  },
  axis: {
    labelFontSize: 13,
    labelColor: COLOURS.ink,
    titleFontSize: 14,
    titleFontWeight: "normal",
    titleColor: COLOURS.ink,
    titlePadding: 8,
    gridColor: "#e4e4e4",
    gridWidth: 1,
    domainColor: COLOURS.grey,
    tickColor: COLOURS.grey,
    labelLimit: 220,
  },
  axisX: { labelFlush: false },
  axisBand: { grid: false, domain: false, ticks: false, labelPadding: 6 },
  header: {
    labelFontSize: 14,
    labelColor: COLOURS.ink,
    labelFontWeight: "normal",
    titleFontSize: 14,
    titleFontWeight: "normal",
    titleColor: COLOURS.ink,
  },
  legend: {
    labelFontSize: 13,
    labelColor: COLOURS.ink,
    titleFontSize: 13,
    titleFontWeight: "normal",
    titleColor: COLOURS.ink,
    symbolStrokeWidth: 3,
    symbolSize: 120,
    labelLimit: 240,
    titleLimit: 320,
  },
  text: { fontSize: 13, color: COLOURS.ink },
  line: { strokeWidth: 2.5 },
  point: { filled: true, size: 60, opacity: 1 },
  bar: { color: COLOURS.blue },
  scale: { barBandPaddingInner: 0.25, barBandPaddingOuter: 0.15 },
  rule: { color: muted },
  range: {
    category: [
      COLOURS.blue,
      COLOURS.vermilion,
      COLOURS.green,
      COLOURS.orange,
      COLOURS.purple,
      COLOURS.sky,
      COLOURS.grey,
    ],
    heatmap: { scheme: HEAT },
    ramp: { scheme: HEAT },
  },
} as const;
