import { dirname, join } from "node:path";
import { writeSafetensors } from "../../../base/safetensors.ts";
import type { TimedEvent } from "../../../pipeline/events.ts";

/** A made-up `outputs/` in a temporary folder. */
export class Outputs implements AsyncDisposable {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  static async create(): Promise<Outputs> {
    const project = await Deno.realPath(await Deno.makeTempDir({ prefix: "vitrine-view-" }));
    await Deno.mkdir(join(project, "outputs"));
    return new Outputs(join(project, "outputs"));
  }

  write(name: string, content: string): void {
    const path = join(this.path, name);
    Deno.mkdirSync(dirname(path), { recursive: true });
    Deno.writeTextFileSync(path, content);
  }

  /** A run that came to its end; its learning rate, epochs and accuracy are as given. */
  run(name: string, { rate = 0.001, accuracy = 0.5, epochs = 2 } = {}): void {
    const key = "a".repeat(64);
    const stage = (name: string, reason: string) => (
      { name, kind: name, key, status: "ran", reason, seconds: 2 }
    );
    this.write(
      `${name}/run.json`,
      JSON.stringify({
        name,
        config: "configs/made-up.yaml",
        parameters: {
          preprocess: { dataset: "cifar10" },
          train: { epochs, optimizer: { name: "adamw", learning_rate: rate } },
          visualize: { images: 1 },
        },
        seed: 7,
        engine: null,
        started: "2026-01-02T03:04:05.000Z",
        seconds: 65,
        stages: [
          stage("preprocess", "it is new"),
          stage("train", "train.epochs was 1"),
          stage("visualize", "it is new"),
        ],
      }),
    );
    this.write(
      `${name}/train/history.json`,
      JSON.stringify({
        steps: [],
        epochs: Array.from({ length: epochs }, (_, epoch) => ({
          epoch,
          train_loss: 2 - epoch / 10,
          train_accuracy: accuracy,
          validation_loss: 2.5 - epoch / 10,
          validation_accuracy: accuracy - (epochs - 1 - epoch) / 100,
        })),
      }),
    );
  }

  /**
   * A run of a worked example alone, two patches with vectors of two: of the first query the products
   * are 2 and 0, the scores 1.4142 and 0, the weights 1 / (1 + e^-1.4142) = 0.80443 and 0.19557.
   */
  workedExample(name: string): void {
    this.run(name);
    const key = "a".repeat(64);
    const stage = {
      name: "theory",
      kind: "worked-example",
      key,
      status: "ran",
      reason: "it is new",
    };
    const run = JSON.parse(Deno.readTextFileSync(join(this.path, name, "run.json")));
    this.write(`${name}/run.json`, JSON.stringify({ ...run, stages: [{ ...stage, seconds: 1 }] }));
    const weights = [[0.80443, 0.19557], [0.05581, 0.94419]];
    const attention = {
      queries: [[2, 0], [0, 2]],
      keys: [[1, 1], [0, 3]],
      values: [[1, 0], [0, 1]],
      divisor: Math.SQRT2,
      weights,
    };
    this.write(`${name}/theory/result.json`, JSON.stringify({ attention }));
    this.artifact(`${name}/theory`, "worked-example", ["result.json"]);
  }

  /** The `artifact.json` of a stage's folder. */
  artifact(folder: string, kind: string, files: readonly string[]): void {
    const key = "a".repeat(64);
    this.write(
      `${folder}/artifact.json`,
      JSON.stringify({
        format: 1,
        kind,
        key,
        record: { kind },
        content: key,
        files: Object.fromEntries(files.map((file) => [file, { size: 1, sha256: key }])),
        made: { started: "2026-01-02T03:04:05.000Z", seconds: 1 },
      }),
    );
  }

  /** What a run says, at the end of its log. */
  say(name: string, ...events: readonly TimedEvent[]): void {
    Deno.mkdirSync(join(this.path, name), { recursive: true });
    const text = events.map((event) => JSON.stringify(event) + "\n").join("");
    Deno.writeTextFileSync(join(this.path, name, "events.jsonl"), text, { append: true });
  }

  /**
   * What visualize published of one image of 2 x 2 patches in a model of 2 blocks of 2 heads: in block
   * b (from 0) the mean of the heads has every token give token (query + b) of 5 all but 0.2 of its
   * weight.
   */
  async attention(name: string): Promise<void> {
    const [blocks, heads, tokens] = [2, 2, 5];
    this.write(
      `${name}/visualize/attention.json`,
      JSON.stringify({
        classes: ["cat", "German short-haired pointer"],
        images: [{ index: 3, label: 0, predicted: 1, probability: 0.75 }],
        image_size: [4, 4],
        patch_size: [2, 2],
        grid: [2, 2],
        tokens,
        blocks,
        heads,
        measured: 1,
        distance: [[1, 1], [1, 1]],
        entropy: [[1, 1], [1, 1]],
      }),
    );
    const weights = new Float16Array(blocks * heads * tokens * tokens);
    for (let row = 0; row < blocks * heads * tokens; row++) {
      const block = Math.floor(row / (heads * tokens));
      const most = (row % tokens + block) % tokens;
      for (let to = 0; to < tokens; to++) weights[row * tokens + to] = to === most ? 0.8 : 0.05;
    }
    const folder = join(this.path, name, "visualize");
    await writeSafetensors(join(folder, "attention.safetensors"), {
      images: { dtype: "U8", shape: [1, 4, 4, 3], data: new Uint8Array(48).fill(200) },
      last_block: { dtype: "F32", shape: [1, heads, 4], data: new Float32Array(8).fill(0.1) },
      rollout: { dtype: "F32", shape: [1, 4], data: Float32Array.of(0.1, 0.2, 0.3, 0.4) },
      relevance: { dtype: "F32", shape: [1, 4], data: Float32Array.of(0.4, 0.3, 0.2, 0.1) },
      attention: {
        dtype: "F16",
        shape: [1, blocks, heads, tokens, tokens],
        data: weights,
      },
    });
    const files = ["attention.json", "attention.safetensors"];
    this.artifact(`${name}/visualize`, "visualize", files);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(dirname(this.path), { recursive: true });
  }
}

/** Events of a run that is at work: two stages, the first of which has begun. */
export function beginning(name: string): TimedEvent[] {
  return [
    {
      time: at(0),
      type: "run-started",
      name,
      config: "/p/a.yaml",
      stages: ["preprocess", "train"],
      seed: 7,
      graph: [
        { name: "preprocess", kind: "preprocess", needs: {}, parameters: {} },
        {
          name: "train",
          kind: "train",
          needs: { data: "preprocess", measured: [] }, // a role that takes many has none here
          parameters: { epochs: 2 },
        },
      ],
    },
    finished("preprocess", 1),
    {
      time: at(2),
      type: "stage-started",
      stage: "train",
      kind: "train",
      key: "b".repeat(64),
      reason: "train.epochs was 1 and is 2",
    },
  ];
}

/** A stage that came through. */
export function finished(stage: string, second: number): TimedEvent {
  const key = "b".repeat(64);
  return {
    ...{ time: at(second), type: "stage-finished", stage, kind: stage, status: "ran", key },
    ...{ reason: "it is new", seconds: 1 },
  };
}

/** How far a stage is. */
export function progress(stage: string, done: number, second: number): TimedEvent {
  return {
    ...{ time: at(second), type: "progress", stage, done, total: 100, unit: "steps" },
    ...{ rate: 5, left: 20 },
  };
}

/** What a stage says. */
export function line(stage: string, text: string, second: number): TimedEvent {
  return { time: at(second), type: "line", stage, text };
}

function at(second: number): string {
  return `2026-01-02T03:04:${String(second).padStart(2, "0")}.000Z`;
}
