import { type Body, rounded } from "./figure.ts";

/** A picture of a gallery with a line or more of text above it. */
export interface Tile {
  /** Data URL. */
  readonly url: string;
  /** Lines above the picture; each is cut to its width. */
  readonly caption: readonly string[];
  /** Its height over its width, where that is not the tiles'; it then lies in the tile's middle. */
  readonly aspect?: number;
}

/** Where the tiles of a gallery lie, in units of the figure (pixels at scale 1). */
export interface Layout {
  readonly columns: number;
  readonly width: number;
  readonly height: number;
  /** Between tiles. */
  readonly gap: number;
  /** Height of the text above a tile. */
  readonly above: number;
}

const LINE = 16;

/**
 * Chooses tiles so that a row is about `total` wide, none wider than `widest`.
 * @param aspect Height of a picture over its width.
 * @param lines Lines of text above each.
 */
export function layoutFor(
  tiles: number,
  options: { columns: number; aspect: number; lines: number; total?: number; widest?: number },
): Layout {
  const { aspect, lines, total = 760, widest = 150 } = options;
  const columns = Math.max(1, Math.min(tiles, options.columns));
  const gap = 10;
  const width = Math.min(widest, Math.floor((total + gap) / columns) - gap);
  return { columns, width, height: Math.round(width * aspect), gap, above: lines * LINE + 4 };
}

/** Upper left corner of the picture of a tile. */
export function place(index: number, layout: Layout): { x: number; y: number } {
  const [row, column] = [Math.floor(index / layout.columns), index % layout.columns];
  return {
    x: column * (layout.width + layout.gap),
    y: row * (layout.height + layout.gap + layout.above) + layout.above,
  };
}

/** Position in units of the figure, from the upper left corner; without axes. */
export function pixelAxes(layout: Layout, tiles: number): { size: Body; x: Body; y: Body } {
  const last = place(tiles - 1, layout);
  const width = layout.columns * (layout.width + layout.gap) - layout.gap;
  const height = last.y + layout.height;
  const axis = { type: "quantitative", axis: null };
  return {
    size: { width, height },
    x: { ...axis, field: "x", scale: { domain: [0, width], nice: false, zero: false } },
    y: {
      ...axis,
      field: "y",
      scale: { domain: [0, height], nice: false, zero: false, reverse: true },
    },
  };
}

/** Pictures in rows, each in a thin frame, with their captions. `over` are layers on top of the pictures. */
export function gallery(tiles: readonly Tile[], layout: Layout, over: readonly Body[] = []): Body {
  const { size, x, y } = pixelAxes(layout, tiles.length);
  // A picture that stands in several tiles is in the spec once.
  const urls = [...new Set(tiles.map((tile) => tile.url))];
  const places = tiles.map((tile, i) => ({ ...place(i, layout), picture: urls.indexOf(tile.url) }));
  const frames = tiles.map((tile, i) => frame(tile, place(i, layout), layout));
  const pictures = urls.map((url, picture) => ({ picture, url }));
  const captions = tiles.flatMap((tile, i) => {
    const at = place(i, layout);
    return tile.caption.map((text, line) => ({
      x: at.x,
      y: at.y - 6 - (tile.caption.length - 1 - line) * LINE,
      text,
      line,
    }));
  });
  return {
    ...size,
    layer: [
      {
        data: { values: places },
        transform: [{
          lookup: "picture",
          from: { data: { values: pictures }, key: "picture", fields: ["url"] },
        }],
        mark: {
          type: "image",
          width: layout.width,
          height: layout.height,
          align: "left",
          baseline: "top",
        },
        encoding: { x, y, url: { field: "url", type: "nominal" } },
      },
      ...over,
      { // a white picture would have no edge
        data: { values: frames },
        mark: { type: "rect", fill: null, stroke: "#999999", strokeWidth: 0.75 },
        encoding: { x, y, x2: { field: "x2" }, y2: { field: "y2" } },
      },
      {
        data: { values: captions },
        mark: {
          type: "text",
          align: "left",
          baseline: "bottom",
          fontSize: 12,
          limit: layout.width + layout.gap - 4,
        },
        encoding: { x, y, text: { field: "text", type: "nominal" } },
      },
    ],
  };
}

/** The edges of a picture: those of its tile, or less where it is fitted into that. */
function frame({ aspect }: Tile, at: { x: number; y: number }, { width, height }: Layout) {
  const across = Math.min(width, height / (aspect ?? height / width));
  const down = Math.min(height, width * (aspect ?? height / width));
  const [x, y] = [at.x + (width - across) / 2, at.y + (height - down) / 2];
  return { x: rounded(x), y: rounded(y), x2: rounded(x + across), y2: rounded(y + down) };
}
