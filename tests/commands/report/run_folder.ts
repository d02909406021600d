import { dirname, join } from "node:path";
import { draw as drawTest } from "../../../stages/evaluate/draw.ts";
import { draw as drawTraining } from "../../../stages/train/draw.ts";
import { render } from "../../../figures/render.ts";
import type { Artifact, FigureSpec } from "../../../stages/stage.ts";
import { ORDINARY, type Shape, STAGES } from "../../figures/made_up.ts";

type Kind = keyof typeof STAGES;

/** Kinds whose figures are drawn here; the others come without, to be quick. */
const DRAW: { [kind in Kind]?: (artifact: Artifact) => Promise<FigureSpec[]> } = {
  train: drawTraining,
  evaluate: drawTest,
};

/** A stage of a made-up run. */
export interface MadeUpStage {
  readonly name: string;
  readonly kind: Kind;
  readonly status?: string;
  readonly error?: string;
  /** Further files, by name. */
  readonly texts?: Readonly<Record<string, string>>;
}

/** Writes what a run leaves in its folder, as DESIGN says, from made-up artifacts. */
export async function makeRun(
  stages: readonly MadeUpStage[],
  change: Partial<Shape> = {},
): Promise<string> {
  const folder = await Deno.makeTempDir();
  for (const [i, stage] of stages.entries()) {
    if (stage.error === undefined) await publish(folder, stage, key(i), { ...ORDINARY, ...change });
  }
  const run = {
    name: "made-up",
    config: "configs/made-up.yaml",
    parameters: Object.fromEntries(stages.map(({ name, kind }) => [
      name,
      kind === "load-pretrained"
        ? { model: "models/small" }
        : kind === "train"
        ? { epochs: 3, optimizer: { name: "adamw", learning_rate: 0.0005, betas: [0.9, 0.999] } }
        : {},
    ])),
    seed: 42,
    engine: "TensorFlow 2.21.0, CPU, 2 threads",
    started: "2026-01-02T03:04:05.000Z",
    seconds: 200.4,
    stages: stages.map(({ name, kind, status = "ran", error }, i) => ({
      name,
      kind,
      key: key(i),
      status,
      reason: "it is new",
      seconds: 1.25,
      ...(error === undefined ? {} : { error }),
    })),
  };
  await Deno.writeTextFile(join(folder, "run.json"), JSON.stringify(run));
  return folder;
}

async function publish(folder: string, stage: MadeUpStage, key: string, shape: Shape) {
  const { name, kind, texts = {} } = stage;
  const artifact = await STAGES[kind](shape);
  const place = join(folder, name);
  await Deno.rename(artifact.path, place);
  for (const [file, text] of Object.entries(texts)) {
    await write(join(place, file), text);
  }
  const names = [...artifact.files, ...Object.keys(texts)];
  const about = {
    format: 1,
    kind,
    key,
    record: { kind },
    content: key,
    files: Object.fromEntries(names.map((file) => [file, { size: 1, sha256: key }])),
    made: {
      started: "2026-01-02T03:04:05.000Z",
      seconds: 1.25,
      host: "a-private-name",
      deno: "2.9.6",
      ...(kind === "train" ? { engine: { name: "tensorflow", threads: 2 } } : {}),
      paths: { project: "/home/someone" },
    },
  };
  await write(join(place, "artifact.json"), JSON.stringify(about));
  const moved: Artifact = { ...artifact, path: place, file: (file) => join(place, file) };
  const figures = await DRAW[kind]?.({
    ...moved,
    json: async (file, schema) =>
      schema.parse(JSON.parse(await Deno.readTextFile(join(place, file)))),
  }) ?? [];
  for (const figure of figures) {
    const { svg } = await render(figure);
    await write(join(place, "figures", `${figure.name}.svg`), svg);
  }
  const list = figures.map(({ name, title, description }) => ({ name, title, description }));
  await write(join(place, "figures", "figures.json"), JSON.stringify(list));
}

async function write(path: string, text: string): Promise<void> {
  await Deno.mkdir(dirname(path), { recursive: true });
  await Deno.writeTextFile(path, text);
}

/** 64 hexadecimal digits. */
function key(index: number): string {
  return String(index + 1).repeat(64).slice(0, 64);
}
