import type { WorkerRecord } from "../executors/plan.ts";
import type { ClusterFolder } from "../executors/folder.ts";
import type { WorkersTime, WorkerStretch } from "../figures/workers.ts";

/** What a worker's time went to. `other` lies between its spans; `idle` is a place without a worker. */
const USES = ["compute", "start", "engine", "wait", "transfer", "other", "idle"] as const;
type Use = (typeof USES)[number];

type Span = WorkerRecord["spans"][number];

const USE_OF: Readonly<Record<Span["what"], Use>> = {
  stage: "compute",
  part: "compute",
  start: "start",
  engine: "engine",
  wait: "wait",
  fetch: "transfer",
  put: "transfer",
};
/** Where spans lie within each other, the one that says most counts. */
const TELLING: readonly Use[] = ["wait", "transfer", "engine", "start", "compute"];

/** What the workers of a run elsewhere spent their time on; undefined where there were none. */
export function workersIn(cluster: ClusterFolder): WorkersTime | undefined {
  const waves = cluster.readPlan()?.waves.map((tasks) => tasks.map(({ id }) => id));
  return waves && timeSpent(cluster.records(), waves);
}

/**
 * Adds up what the records say. A record without an end (its worker was killed) ends with its last
 * span. Clocks of hosts are taken to agree to a second or so, as clusters keep them.
 *
 * @param waves Ids of the tasks of each wave: what is last in one is what the next one waited for.
 * @returns undefined of no records.
 */
export function timeSpent(
  records: readonly WorkerRecord[],
  waves: readonly (readonly string[])[],
): WorkersTime | undefined {
  if (records.length === 0) return undefined;
  const attempts = records.map((record) => {
    const begin = Date.parse(record.started) / 1000;
    const last = Math.max(0, ...record.spans.map((span) => span.begin + span.seconds));
    const end = record.ended === null ? begin + last : Date.parse(record.ended) / 1000;
    return { record, begin, end: Math.max(begin, end) };
  }).sort((a, b) => a.begin - b.begin);
  const first = attempts[0].begin;
  const seconds = Math.max(...attempts.map(({ end }) => end)) - first;
  const lanes: { name: string; free: number }[] = [];
  const placed = attempts.map((attempt) => {
    const { record: { host }, begin, end } = attempt;
    const own = lanes.filter(({ name }) => name.startsWith(`${host} · `));
    let lane = own.find(({ free }) => free <= begin);
    if (lane === undefined) lanes.push(lane = { name: `${host} · ${own.length + 1}`, free: 0 });
    lane.free = end;
    return { ...attempt, lane: lane.name };
  });
  const critical = new Set(waves.flatMap((ids) => {
    const wave = placed.filter(({ record }) => ids.includes(record.task));
    const end = Math.max(...wave.map(({ end }) => end));
    // It could not begin before its place was free: what ran there before it is part of the path.
    const lane = wave.find((attempt) => attempt.end === end)?.lane;
    return wave.filter((attempt) => attempt.lane === lane);
  }));
  const stretches = placed.flatMap((attempt): WorkerStretch[] =>
    usesOf(attempt.record.spans, attempt.end - attempt.begin).map(({ use, begin, end }) => ({
      ...{ task: attempt.record.task, lane: attempt.lane, use, critical: critical.has(attempt) },
      begin: attempt.begin - first + begin,
      end: attempt.begin - first + end,
    }))
  );
  const by: Record<string, number> = Object.fromEntries(USES.map((use) => [use, 0]));
  for (const { use, begin, end } of stretches) by[use] += end - begin;
  const all = lanes.length * seconds;
  by.idle = Math.max(0, all - attempts.reduce((sum, { begin, end }) => sum + end - begin, 0));
  return {
    stretches,
    lanes: lanes.map(({ name }) => name).sort(naturally),
    ...{ seconds, by },
    efficiency: all === 0 ? 1 : by.compute / all,
  };
}

const { compare: naturally } = new Intl.Collator("en", { numeric: true });

/** Cuts one attempt's time where its use changes. */
function usesOf(spans: readonly Span[], length: number) {
  const clip = (t: number) => Math.min(length, Math.max(0, t));
  const cuts = [0, length, ...spans.flatMap(({ begin, seconds }) => [begin, begin + seconds])];
  const times = [...new Set(cuts.map(clip))].sort((a, b) => a - b);
  const pieces: { use: Use; begin: number; end: number }[] = [];
  for (let i = 1; i < times.length; i++) {
    const [begin, end] = [times[i - 1], times[i]];
    const middle = (begin + end) / 2;
    const there = spans.filter((span) => span.begin <= middle && middle < span.begin + span.seconds)
      .map(({ what }) => USE_OF[what]);
    const use = TELLING.find((each) => there.includes(each)) ?? "other";
    const before = pieces.at(-1);
    if (before?.use === use) pieces[pieces.length - 1] = { ...before, end };
    else pieces.push({ use, begin, end });
  }
  return pieces;
}
