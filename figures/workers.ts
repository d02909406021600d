import { formatDuration } from "../base/duration.ts";
import { counted, type Figure, figure, percent, rounded } from "./figure.ts";
import { COLOURS } from "./theme.ts";

/** A stretch of one worker's time. */
export interface WorkerStretch {
  readonly task: string;
  /** The place that it worked at: a row of the chart. */
  readonly lane: string;
  readonly use: string;
  /** Seconds after the first worker began. */
  readonly begin: number;
  readonly end: number;
  /** Whether the end of its wave waited for it. */
  readonly critical: boolean;
}

/** What workers spent their time on. */
export interface WorkersTime {
  readonly stretches: readonly WorkerStretch[];
  /** From top to bottom. */
  readonly lanes: readonly string[];
  readonly seconds: number;
  /** Seconds by use over all lanes. */
  readonly by: Readonly<Record<string, number>>;
  /** Share of the lanes' time that was computing. */
  readonly efficiency: number;
}

/** Uses as the legend names them, in its order. */
const USES: readonly (readonly [use: string, label: string, colour: string])[] = [
  ["compute", "computing", COLOURS.blue],
  ["start", "starting", COLOURS.orange],
  ["engine", "opening the engine", COLOURS.vermilion],
  ["transfer", "fetching and putting", COLOURS.green],
  ["wait", "waiting for another", COLOURS.purple],
  ["other", "between the stages", COLOURS.grey],
  ["idle", "no task", "#e4e4e4"],
];
const LABEL = new Map(USES.map(([use, label]) => [use, label]));
/** More rows would not be told apart. */
const MOST_LANES = 40;

function colourOf(uses: Iterable<string>) {
  const there = new Set(uses);
  const shown = USES.filter(([use]) => there.has(use));
  return {
    field: "use",
    type: "nominal",
    title: null,
    scale: { domain: shown.map(([, label]) => label), range: shown.map(([, , colour]) => colour) },
    legend: { orient: "top", columns: 4, symbolType: "square", symbolStrokeWidth: 0 },
  };
}

/** Every worker's time as a row of bars; the critical path is outlined. */
export function workersTimeline({ stretches, lanes, seconds }: WorkersTime): Figure {
  const shown = lanes.slice(0, MOST_LANES);
  const [unit, name] = seconds > 7200
    ? [3600, "hours"]
    : seconds > 180
    ? [60, "minutes"]
    : [1, "s"];
  const values = stretches.filter(({ lane }) => shown.includes(lane)).map((stretch) => ({
    ...{ lane: stretch.lane, task: stretch.task, use: LABEL.get(stretch.use) ?? stretch.use },
    begin: rounded(stretch.begin / unit),
    end: rounded(stretch.end / unit),
  }));
  const outlines = [
    ...Map.groupBy(
      stretches.filter(({ critical, lane }) => critical && shown.includes(lane)),
      ({ task, lane }) => `${task} ${lane}`,
    ).values(),
  ].map((parts) => ({
    lane: parts[0].lane,
    begin: rounded(Math.min(...parts.map(({ begin }) => begin)) / unit),
    end: rounded(Math.max(...parts.map(({ end }) => end)) / unit),
  }));
  const y = { field: "lane", type: "nominal", sort: shown, title: null };
  const x = {
    field: "begin",
    type: "quantitative",
    title: `time after the first worker began (${name})`,
    scale: { domain: [0, rounded(seconds / unit)], nice: false },
    axis: { tickCount: 8, format: "~r" },
  };
  const rest = lanes.length - shown.length;
  return figure({
    name: "workers-timeline",
    title: "What each worker did, and when",
    subtitle: [
      `${counted(lanes.length, "place")} to work at${
        rest > 0 ? `, the first ${MOST_LANES} of them` : ""
      }; ${formatDuration(seconds)} in all`,
      "Outlined: the critical path, which the next wave of tasks (or the end) waited for",
    ],
    description: `A timeline of ${counted(lanes.length, "worker")} over ${
      formatDuration(seconds)
    }: a row of bars for each, coloured by what its time went to.`,
  }, {
    width: 720,
    height: { step: 26 },
    layer: [
      {
        data: { values },
        mark: { type: "bar", height: { band: 0.62 } },
        encoding: { y, x, x2: { field: "end" }, color: colourOf(stretches.map(({ use }) => use)) },
      },
      {
        data: { values: outlines },
        mark: {
          type: "bar",
          height: { band: 0.86 },
          filled: false,
          stroke: COLOURS.ink,
          strokeWidth: 2,
        },
        encoding: { y, x, x2: { field: "end" } },
      },
    ],
  });
}

/** Where the time of all workers went: one bar a use. */
export function workersTime({ by, lanes, seconds, efficiency }: WorkersTime): Figure {
  const all = lanes.length * seconds;
  const values = USES.filter(([use]) => (by[use] ?? 0) > 0).map(([use, label]) => ({
    use: label,
    share: rounded(by[use] / all),
    text: `${percent(by[use] / all)}  ${formatDuration(by[use])}`,
  }));
  const y = { field: "use", type: "nominal", sort: values.map(({ use }) => use), title: null };
  const x = {
    field: "share",
    type: "quantitative",
    title: "share of the workers' time",
    scale: { domain: [0, 1] },
    axis: { format: "%", tickCount: 5, grid: false },
  };
  return figure({
    name: "workers-time",
    title: "Where the workers' time went",
    subtitle: [
      `${percent(efficiency)} of it was computing`,
      `${counted(lanes.length, "place")} to work at, ${formatDuration(seconds)} each`,
    ],
    description: `Bars of the share of the workers' time by use: ${
      values.map(({ use, text }) => `${use} ${text}`).join("; ")
    }.`,
  }, {
    width: 420,
    height: { step: 34 },
    data: { values },
    layer: [
      {
        mark: { type: "bar", height: { band: 0.66 } },
        encoding: {
          ...{ y, x },
          color: { ...colourOf(USES.map(([use]) => use)), legend: null },
        },
      },
      {
        mark: { type: "text", align: "left", dx: 6 },
        encoding: { y, x, text: { field: "text", type: "nominal" } },
      },
    ],
  });
}
