import { resolve } from "node:path";
import { messageOf } from "../base/errors.ts";
import { counted } from "../figures/figure.ts";
import { BOX } from "./jobs.ts";
import { Missing, type Peers } from "./peers.ts";
import { dvcNothing, ourNothing, wireitNothing } from "./nothing_to_do.ts";
import { randomVitBase } from "./random_model.ts";
import { type Side, Worker } from "./side.ts";
import { ourSweep, ourWhole, theirSweep, theirWhole } from "./whole_runs.ts";
import type { Work } from "./work.ts";

const HERE = import.meta.dirname!;

/** What a row is measured with. */
export interface Setting {
  readonly peers: Peers;
  readonly threads: number;
  /** As little as shows that it works. */
  readonly quick: boolean;
  /** An empty folder for what the row writes. */
  readonly folder: string;
}

/** A line of the table: the same work by us and by our peers. */
export interface Row {
  /** `step-base-all`: what `--only` takes, whole or from the left. */
  readonly id: string;
  readonly group: Group;
  /** What is done; `quick` changes its sizes. */
  title(quick: boolean): string;
  /** How many times as fast as the peer it is meant to be at least. */
  readonly aim?: number;
  /** How many seconds it is meant to take at most. */
  readonly aimSeconds?: number;
  /** Takes minutes a round: `--long`; or only where it is asked for by name. */
  readonly when?: "long" | "named";
  /** Rounds at least; 5 by default. */
  readonly fewest?: number;
  ours(setting: Setting): Promise<Side>;
  /** Opened after ours. */
  readonly peers: readonly {
    readonly name: string;
    /** @throws {Missing} where it can't be had. */
    open(setting: Setting): Promise<Side>;
  }[];
}

/** Tables of the page, in order, with what stands above each. */
export const GROUPS = {
  forward: "Forward",
  step: "A training step",
  engines: "Other engines",
  epochs: "Ten epochs, part of the model frozen",
  nothing: "A run with nothing to do",
  sweep: "A sweep",
  whole: "Whole runs",
} as const;
export type Group = keyof typeof GROUPS;

const MODELS = {
  base: { name: "ViT-B/16", folder: randomVitBase },
  box: { name: "the model in the box", folder: () => Promise.resolve(BOX) },
};
type Model = keyof typeof MODELS;

function workRow(
  row: Omit<Row, "ours" | "peers" | "title">,
  title: (quick: boolean) => string,
  work: (quick: boolean) => Promise<Work>,
): Row {
  const start = async (program: readonly string[], { quick, threads }: Setting) =>
    await Worker.start(program, await work(quick), threads);
  return {
    ...row,
    title,
    ours: (setting) =>
      start([Deno.execPath(), "run", "-A", "--no-check", resolve(HERE, "worker.ts")], setting),
    peers: [{
      name: "PyTorch",
      open: async (setting) =>
        await start([await setting.peers.python(), resolve(HERE, "worker.py")], setting),
    }],
  };
}

const forward = (model: Model, batch: number) =>
  workRow(
    { id: `forward-${model}-${batch}`, group: "forward", aim: 1 },
    () => `${MODELS[model].name}, batch ${batch}`,
    async () => ({ kind: "forward", model: await MODELS[model].folder(), batch }),
  );

function step(model: Model, trainable: number | "all"): Row {
  const batch = model === "base" ? 8 : 128;
  const what = { all: "every block", 2: "top two blocks", 0: "head only" }[trainable as "all"];
  return workRow(
    { id: `step-${model}-${trainable}`, group: "step", aim: 1 },
    () => `${MODELS[model].name}, ${what} trained, batch ${batch}, from pixels`,
    async () => ({ kind: "step", model: await MODELS[model].folder(), batch, trainable }),
  );
}

function epochs(model: Model, trainable: number, aim?: number): Row {
  const batch = model === "base" ? 32 : 128;
  const sizes = { base: { full: 128, quick: 32 }, box: { full: 2048, quick: 256 } }[model];
  const images = (quick: boolean) => quick ? sizes.quick : sizes.full;
  const measured = (quick: boolean) => quick || model === "base" ? 1 : 2;
  const blocks = model === "base" ? 12 : 8;
  const part = trainable === 0 ? "all" : `${blocks - trainable} of ${blocks}`;
  return workRow(
    { id: `epochs-${model}-${trainable}`, group: "epochs", fewest: 3, ...(aim && { aim }) },
    (quick) => `${MODELS[model].name}, ${part} blocks frozen, ${counted(images(quick), "image")}`,
    async (quick) => ({
      kind: "epochs",
      model: await MODELS[model].folder(),
      batch,
      trainable,
      images: images(quick),
      epochs: 10,
      measured: measured(quick),
    }),
  );
}

function nothing(images: number, aimSeconds?: number): Row {
  return {
    id: `nothing-${images}`,
    group: "nothing",
    ...(aimSeconds && { aimSeconds }),
    fewest: 10,
    title: () => `six stages on a folder of ${counted(images, "image")}`,
    ours: ({ folder, threads }) => ourNothing(folder, images, threads),
    peers: [
      {
        name: "wireit",
        open: async ({ peers, folder }) => await wireitNothing(await peers.wireit(), folder),
      },
      {
        name: "DVC",
        open: async ({ peers, folder }) => await dvcNothing(await peers.dvc(), folder),
      },
    ],
  };
}

const sweep: Row = {
  id: "sweep",
  group: "sweep",
  fewest: 2,
  title: (quick) =>
    `nine learning rates, ${counted(sweepSize(quick).images, "image")}, ` +
    `${counted(sweepSize(quick).epochs, "epoch")}, 6 of 8 blocks frozen`,
  ours: (setting) => ourSweep(setting, sweepSize(setting.quick)),
  peers: [{
    name: "PyTorch",
    open: async (setting) =>
      theirSweep(await setting.peers.python(), setting, sweepSize(setting.quick)),
  }],
};

const sweepSize = (quick: boolean) =>
  quick ? { images: 200, epochs: 1 } : { images: 1500, epochs: 5 };

function whole(images: number, rest: Pick<Row, "when" | "fewest">, ways: readonly Way[]): Row {
  return {
    id: `cifar10-${images}`,
    group: "whole",
    ...rest,
    title: () =>
      `configs/cifar10.yaml, ${counted(images, "training image")}, ` +
      "figures and report included",
    ours: (setting) => ourWhole(setting, images),
    peers: ways.map((way) => ({
      name: way === "once" ? "PyTorch, frozen part once" : "PyTorch",
      open: async (setting) => theirWhole(await setting.peers.python(), setting, images, way),
    })),
  };
}
type Way = "each-epoch" | "once";

/**
 * The same work by our engines that need nothing native, beside TensorFlow: what a machine is worth
 * that has none.
 */
function engines(kind: "forward" | "step"): Row {
  const start = async (engine: string, { threads, quick }: Setting) => {
    const batch = quick ? 1 : 8;
    const work: Work = kind === "forward"
      ? { kind, model: BOX, batch }
      : { kind, model: BOX, batch, trainable: "all" };
    const worker = [Deno.execPath(), "run", "-A", "--no-check", resolve(HERE, "worker.ts")];
    return await Worker.start(worker, work, threads, engine);
  };
  const what = kind === "forward" ? "forward" : "every block trained";
  return {
    id: `engines-${kind}`,
    group: "engines",
    fewest: 3,
    title: (quick) => `${MODELS.box.name}, ${what}, batch ${quick ? 1 : 8}`,
    ours: (setting) => start("tensorflow", setting),
    peers: ["wasm", "webgpu"].map((engine) => ({
      name: engine,
      open: async (setting) => {
        try {
          return await start(engine, setting);
        } catch (error) {
          throw new Missing(messageOf(error)); // no adapter for WebGPU, for one
        }
      },
    })),
  };
}

/** Every row, in the order of the page. */
export const ROWS: readonly Row[] = [
  ...(["base", "box"] as const).flatMap((model) => [1, 8, 64].map((n) => forward(model, n))),
  ...(["base", "box"] as const).flatMap((model) =>
    (["all", 2, 0] as const).map((n) => step(model, n))
  ),
  engines("forward"),
  engines("step"),
  epochs("base", 2, 4),
  epochs("base", 0, 9),
  epochs("box", 2),
  epochs("box", 0),
  nothing(60, 0.35),
  nothing(6000),
  sweep,
  whole(5000, { when: "long", fewest: 2 }, ["each-epoch", "once"]),
  whole(50000, { when: "named", fewest: 1 }, ["once"]),
];
