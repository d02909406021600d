import type { StoredArtifact } from "./artifact.ts";
import { ChangedMeanwhile } from "./build.ts";
import { type CodeReader, drawModule, type FileCode, runModule } from "./code.ts";
import type { Disk } from "./disk.ts";
import { figuresRecord, type KeyRecord, sharedRecord, stageRecord } from "./key.ts";
import { type Listing, readListing } from "./listing.ts";
import type { Memo } from "./memo.ts";
import { readOutside } from "./outside.ts";
import type { Program } from "./program.ts";
import { type ByRole, mapRoles } from "./roles.ts";
import type { Store } from "./store.ts";
import type { Plan, PlannedStage } from "./types.ts";
import { viewOf } from "./view.ts";

/** Where the code is, and what a {@linkcode Resolver} may write. */
export interface ResolverOptions {
  readonly program: Program;
  /** Absolute path of the module that renders figures. */
  readonly renderer: string;
  /** Whether memos may be written. */
  readonly save: boolean;
}

/** A stage's record, and what was outside when it was made. */
export interface ResolvedStage {
  readonly record: KeyRecord;
  /** Dotted path of a parameter to the folder of the files that it names. */
  readonly outside: Readonly<Record<string, string>>;
  /** Dotted path of a parameter to the digest of those files. */
  readonly digests: Readonly<Record<string, string>>;
}

/** Works out the key records of a plan's stages, as far as the disk says what they need. */
export class Resolver {
  readonly #plan: Plan;
  readonly #store: Store;
  readonly #renderer: string;
  readonly #code: CodeReader;
  readonly #memo: Memo<FileCode>;
  readonly #save: boolean;
  readonly #listings = new Map<string, Listing>();

  private constructor(
    plan: Plan,
    store: Store,
    options: ResolverOptions,
    reader: { code: CodeReader; memo: Memo<FileCode> },
  ) {
    this.#plan = plan;
    this.#store = store;
    this.#renderer = options.renderer;
    this.#save = options.save;
    this.#code = reader.code;
    this.#memo = reader.memo;
  }

  /** Reads the code of every stage of the plan: what is edited from now on is seen to be. */
  static async create(plan: Plan, store: Store, options: ResolverOptions): Promise<Resolver> {
    const reader = await options.program.reader(store.disk, plan.project);
    await readStages(plan, store.disk, options.renderer, reader.code);
    return new Resolver(plan, store, options, reader);
  }

  /** @param inputs Role to the artifact that is read there. */
  async stage(
    stage: PlannedStage,
    inputs: ByRole<StoredArtifact>,
    signal?: AbortSignal,
  ): Promise<ResolvedStage> {
    const { outside, digests } = await this.#outside(stage, signal);
    const contents = mapRoles(inputs, ({ content }) => content);
    const reach = await this.#code.reach(runModule(this.#store.disk, stage.module));
    const record = stageRecord(stage, this.#plan.seed, contents, digests, reach);
    return { record, outside, digests };
  }

  /** The record of a stage's figures. */
  async figures(stage: PlannedStage, artifact: StoredArtifact): Promise<KeyRecord> {
    const draw = await this.#code.reach(drawModule(this.#store.disk, stage.module));
    return figuresRecord(artifact.content, draw, await this.#code.reach(this.#renderer));
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

  /**
   * Checks that a stage's code is what its record says: the process may have loaded what was there
   * before, or what came after.
   * @param also Absolute paths of other modules that were at work.
   * @throws {ChangedMeanwhile} with the file that was edited.
   */
  async checkRunCode(stage: PlannedStage, also: readonly string[] = []): Promise<void> {
    await this.#checkCode(stage, [runModule(this.#store.disk, stage.module), ...also]);
  }

  /** The same of what draws a stage's figures. */
  async checkDrawCode(stage: PlannedStage): Promise<void> {
    await this.#checkCode(stage, [drawModule(this.#store.disk, stage.module), this.#renderer]);
  }

  /**
   * Checks that the files outside are those that a stage's record counts.
   * @throws {ChangedMeanwhile} with the parameter that names them.
   */
  async checkOutside(
    stage: PlannedStage,
    { digests }: ResolvedStage,
    signal?: AbortSignal,
  ): Promise<void> {
    const now = (await this.#outside(stage, signal)).digests;
    const changed = Object.keys({ ...digests, ...now }).find((name) => digests[name] !== now[name]);
    if (changed === undefined) return;
    throw new ChangedMeanwhile(
      `Cannot finish ${stage.name}: the files of "${changed}" changed while they were read`,
      { hint: "Run it again." },
    );
  }

  /** Names and digests of the files that a digest in a record stands for, as far as it is known. */
  listing(digest: string): Listing | undefined {
    return this.#listings.get(digest) ?? readListing(this.#store.disk, this.#store.path, digest);
  }

  /** Keeps what was read, so that the next run need not. */
  async save(): Promise<void> {
    if (this.#save) await this.#memo.save();
  }

  async #outside(stage: PlannedStage, signal?: AbortSignal) {
    const outside: Record<string, string> = {};
    const digests: Record<string, string> = {};
    const files = await stage.definition.files?.(stage.params, viewOf(this.#plan, stage)) ?? {};
    for (const [parameter, place] of Object.entries(files)) {
      const { disk, path } = this.#store;
      outside[parameter] = place.root;
      const { digest, listing } = await readOutside(disk, path, place, this.#save, signal);
      digests[parameter] = digest;
      // What is saved is read from there: a large folder's names need not stay for a whole run.
      if (!this.#save && listing !== undefined) this.#listings.set(digest, listing);
    }
    return { outside, digests };
  }

  async #checkCode(stage: PlannedStage, modules: readonly string[]): Promise<void> {
    for (const module of modules) {
      const changed = await this.#code.changed(module);
      if (changed === undefined) continue;
      throw new ChangedMeanwhile(
        `Cannot finish ${stage.name}: the code of ${changed} changed after this run began`,
        { hint: "Run it again." },
      );
    }
  }
}

/**
 * Reads the code of all plans that a process is going to run, before it runs the first.
 * @param renderer Absolute path of the module that renders figures.
 */
export async function readCode(
  plans: readonly Plan[],
  disk: Disk,
  renderer: string,
  program: Program,
): Promise<void> {
  for (const plan of plans) {
    await readStages(plan, disk, renderer, (await program.reader(disk, plan.project)).code);
  }
}

async function readStages(
  plan: Plan,
  disk: Disk,
  renderer: string,
  code: CodeReader,
): Promise<void> {
  for (const { module, definition } of plan.stages) {
    await code.reach(runModule(disk, module));
    if (definition.draw === undefined) continue;
    await code.reach(drawModule(disk, module));
    await code.reach(renderer);
  }
}
