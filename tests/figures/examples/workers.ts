import { workersTime, workersTimeline } from "../../../figures/workers.ts";

const stretch = (lane: string, task: string, use: string, begin: number, end: number) => ({
  ...{ lane, task, use, begin, end },
  critical: task === "points-1",
});
const TIME = {
  lanes: ["node1 · 1", "node2 · 1"],
  seconds: 30,
  stretches: [
    stretch("node1 · 1", "points-0", "start", 0, 1),
    stretch("node1 · 1", "points-0", "engine", 1, 3),
    stretch("node1 · 1", "points-0", "compute", 3, 20),
    stretch("node2 · 1", "points-1", "start", 0, 1),
    stretch("node2 · 1", "points-1", "wait", 1, 6),
    stretch("node2 · 1", "points-1", "transfer", 6, 8),
    stretch("node2 · 1", "points-1", "other", 8, 9),
    stretch("node2 · 1", "points-1", "compute", 9, 30),
  ],
  by: { compute: 38, start: 2, engine: 2, wait: 5, transfer: 2, other: 1, idle: 10 },
  efficiency: 38 / 60,
};

/** What workers spent their time on. */
export const WORKERS = [workersTimeline(TIME), workersTime(TIME)];
