import { join } from "node:path";
import type { StoredArtifact } from "./artifact.ts";
import { CodeReader, drawModule, type FileCode, type Reach, runModule } from "./code.ts";
import { figuresRecord, type KeyRecord, sharedRecord, stageRecord } from "./key.ts";
import { Memo } from "./memo.ts";
import { outsideDigest } from "./outside.ts";
import type { Store } from "./store.ts";
import type { Plan, PlannedStage } from "./types.ts";
import { viewOf } from "./view.ts";

/** Where the code is, and what a {@linkcode Resolver} may write. */
export interface ResolverOptions {
  /** Folder of the deno.json and deno.lock that this process runs under. */
  readonly codeRoot: string;
  /** Absolute path of the module that renders figures. */
  readonly renderer: string;
  /** Whether memos may be written. */
  readonly save: boolean;
}

/** Works out the key records of a plan's stages, as far as the disk says what they need. */
export class Resolver {
  readonly #plan: Plan;
  readonly #store: Store;
  readonly #renderer: string;
  readonly #code: CodeReader;
  readonly #memo: Memo<FileCode>;
  readonly #save: boolean;
  #rendererReach: Promise<Reach> | undefined;

  private constructor(
    plan: Plan,
    store: Store,
    options: ResolverOptions,
    memo: Memo<FileCode>,
  ) {
    this.#plan = plan;
    this.#store = store;
    this.#renderer = options.renderer;
    this.#save = options.save;
    this.#memo = memo;
    this.#code = new CodeReader({
      disk: store.disk,
      memo,
      codeRoot: options.codeRoot,
      project: plan.project,
    });
  }

  static async create(plan: Plan, store: Store, options: ResolverOptions): Promise<Resolver> {
    const path = join(store.path, "memo", "code.json");
    const memo = await Memo.open<FileCode>(store.disk, path, plan.project);
    return new Resolver(plan, store, options, memo);
  }

  /**
   * @param inputs Role to the artifact that is read there.
   * @returns The record, and the folders of the outside files that it counts.
   */
  async stage(
    stage: PlannedStage,
    inputs: Readonly<Record<string, StoredArtifact>>,
    signal?: AbortSignal,
  ): Promise<{ record: KeyRecord; outside: Record<string, string> }> {
    const outside: Record<string, string> = {};
    const digests: Record<string, string> = {};
    const files = await stage.definition.files?.(stage.params, viewOf(this.#plan, stage)) ?? {};
    for (const [parameter, place] of Object.entries(files)) {
      const { disk, path } = this.#store;
      outside[parameter] = place.root;
      digests[parameter] = await outsideDigest(disk, path, place, this.#save, signal);
    }
    const contents = Object.fromEntries(
      Object.entries(inputs).map(([role, artifact]) => [role, artifact.content]),
    );
    const reach = await this.#code.reach(runModule(this.#store.disk, stage.module));
    return { record: stageRecord(stage, this.#plan.seed, contents, digests, reach), outside };
  }

  /** The record of a stage's figures. */
  async figures(stage: PlannedStage, artifact: StoredArtifact): Promise<KeyRecord> {
    this.#rendererReach ??= this.#code.reach(this.#renderer);
    const draw = await this.#code.reach(drawModule(this.#store.disk, stage.module));
    return figuresRecord(artifact.content, draw, await this.#rendererReach);
  }

  /**
   * The record of an artifact that stages share.
   * @param module Absolute path of the module that makes it.
   */
  async shared(
    kind: string,
    record: Readonly<Record<string, unknown>>,
    module: string,
  ): Promise<KeyRecord> {
    return sharedRecord(kind, record, await this.#code.reach(module));
  }

  /** Keeps what was read, so that the next run need not. */
  async save(): Promise<void> {
    if (this.#save) await this.#memo.save();
  }
}
