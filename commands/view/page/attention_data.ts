import type { AttentionMessage } from "../messages.ts";
import { askTensor } from "./client.ts";

/** What can be laid over an image. */
export type MapKind = "weights" | "rollout" | "relevance" | "relevance_other";

/** Numbers of a stage's attention, fetched when they are asked for and kept. */
export class AttentionData {
  readonly #run: string;
  readonly #stage: string;
  readonly message: AttentionMessage;
  readonly #kept = new Map<string, Promise<ArrayBuffer>>();

  constructor(run: string, stage: string, message: AttentionMessage) {
    this.#run = run;
    this.#stage = stage;
    this.message = message;
  }

  /** Patches of an image. */
  get patches(): number {
    const [down, across] = this.message.about.grid;
    return down * across;
  }

  /** Tokens that are no patches and stand before them: the class token, registers. */
  get prefix(): number {
    return this.message.about.tokens - this.patches;
  }

  /** Whether every block's weights of an image were published, for every query. */
  hasAll(image: number): boolean {
    return image < (this.message.shapes.attention?.[0] ?? 0);
  }

  /** Whether queries, keys and values of an image were published. */
  hasVectors(image: number): boolean {
    return ["queries", "keys", "values"].every((name) =>
      image < (this.message.shapes[name]?.[0] ?? 0)
    );
  }

  /** What can be laid over an image, in words. */
  kinds(image: number): [MapKind, string][] {
    const { about, shapes } = this.message;
    const { predicted, other } = about.images[image];
    const all: [MapKind, string][] = [["weights", "Attention of a head"]];
    if ("rollout" in shapes) all.push(["rollout", "Rollout through all blocks"]);
    if ("relevance" in shapes) {
      all.push(["relevance", `Relevance for ${about.classes[predicted]}, the predicted class`]);
    }
    if ("relevance_other" in shapes && other !== undefined) {
      all.push(["relevance_other", `Relevance for ${about.classes[other]}, the next class`]);
    }
    return all;
  }

  /** The image as the model saw it, `[height, width, 3]`. */
  async pixels(image: number): Promise<Uint8Array> {
    return new Uint8Array(await this.#ask("images", [image]));
  }

  /** A map over the patches, `[patches]`. */
  async map(kind: Exclude<MapKind, "weights">, image: number): Promise<Float32Array> {
    return new Float32Array(await this.#ask(kind, [image]));
  }

  /**
   * The weights that a token gives all tokens, `[tokens]`; of the last block's class token those that
   * it gives patches, `[patches]`, where no more was published.
   *
   * @param head From 0; undefined for the mean of all.
   */
  async weights(
    image: number,
    block: number,
    head: number | undefined,
    token: number,
  ): Promise<Float32Array> {
    const { heads, tokens } = this.message.about;
    const all = this.hasAll(image);
    const numbers = new Float32Array(
      await (all ? this.#ask("attention", [image, block]) : this.#ask("last_block", [image])),
    );
    const length = all ? tokens : this.patches;
    const row = (head: number) => {
      const at = all ? (head * tokens + token) * tokens : head * length;
      return numbers.subarray(at, at + length);
    };
    if (head !== undefined) return row(head);
    const rows = Array.from({ length: heads }, (_, head) => row(head));
    return Float32Array.from(
      { length },
      (_, i) => rows.reduce((sum, row) => sum + row[i], 0) / heads,
    );
  }

  /** Queries, keys or values of a head, a vector for each token. */
  async vectors(
    name: "queries" | "keys" | "values",
    image: number,
    block: number,
    head: number,
  ): Promise<Float32Array[]> {
    const numbers = new Float32Array(await this.#ask(name, [image, block, head]));
    const { tokens } = this.message.about;
    const width = numbers.length / tokens;
    return Array.from({ length: tokens }, (_, i) => numbers.subarray(i * width, (i + 1) * width));
  }

  #ask(tensor: string, at: readonly number[]): Promise<ArrayBuffer> {
    const key = `${tensor} ${at}`;
    const asked = this.#kept.get(key) ?? askTensor(this.#run, this.#stage, tensor, at);
    this.#kept.set(key, asked);
    // One block's weights may take megabytes: the last few are enough.
    if (this.#kept.size > 64) this.#kept.delete(this.#kept.keys().next().value!);
    return asked;
  }
}
