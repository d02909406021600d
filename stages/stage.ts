import type { z } from "zod";
import type { EngineNeed } from "../engine/capabilities.ts";
import type { Engine } from "../engine/mod.ts";

/**
 * The contract between a stage and whoever runs it. Types only, but for {@linkcode defineStage}.
 *
 * A stage is three modules in one folder: `mod.ts` says what it is (light: the plan loads it),
 * `run.ts` makes the data, `draw.ts` makes figures of that data. The last two are loaded when they
 * are needed and each has a code digest of its own, so changing a figure runs nothing again.
 */
export interface StageDefinition<
  Params = unknown,
  Role extends string = string,
  Many extends string = never,
> {
  /** The word in a config, and the folder in the store: `preprocess`, `train`, … */
  readonly kind: string;
  /** One line for help and the reference. */
  readonly summary: string;
  /** Every parameter's type, range, default and description. Unknown keys are errors. */
  readonly params: z.ZodType<Params>;
  /** Role to the kind (or kinds, the first that is there) of the stage that it is read from. */
  readonly inputs: Readonly<Record<Role, InputSpec>> & Readonly<Record<Many, ManySpec>>;
  /** Whether the seed is part of the key; a stage that draws nothing at random leaves it out. */
  readonly usesSeed?: boolean | ((params: Params) => boolean);
  /**
   * Whether it asks for something that falls into parts ({@linkcode CachedRequest.parts}), before it
   * writes anything: then several workers can share that work.
   */
  readonly parts?: boolean | ((params: Params) => boolean);
  /** Fills in at plan time what the schema alone cannot (from the model's config, say). */
  complete?(params: Params, view: PlanView): Params | Promise<Params>;
  /** Files outside the project that its result depends on, by the dotted path of the parameter that
   * names them. Their digest stands in the key in place of the path. */
  files?(
    params: Params,
    view: PlanView,
  ): Record<string, OutsideFiles> | Promise<Record<string, OutsideFiles>>;
  /** What it asks of the engine that not every engine has; a run is refused where it has not. */
  asks?(params: Params): readonly EngineNeed[];
  /** Loads the stage's work. */
  readonly run: () => Promise<
    { run: (context: StageContext<Params, Role, Many>) => Promise<void> }
  >;
  /** Loads the stage's figures. */
  readonly draw?: () => Promise<{ draw: (artifact: Artifact) => Promise<FigureSpec[]> }>;
  /** Loads what says in words what the data show; it is asked when a report is written. */
  readonly findings?: () => Promise<{ findings: (artifact: Artifact) => Promise<Finding[]> }>;
}

/** Where an input comes from. */
export type InputSpec =
  | string
  | {
    readonly from: readonly string[];
    readonly optional?: boolean;
    readonly many?: false;
    /**
     * Only a stage that the input of this role is made from, directly or not, is taken unasked: of
     * several the nearest.
     */
    readonly above?: string;
  }
  | ManySpec;

/**
 * A role that takes any number of stages: `needs: { measured: [a, b] }` says which, in the order in
 * which the stage reads them. Where nothing is written it takes none.
 */
export interface ManySpec {
  readonly from: readonly string[];
  readonly optional: true;
  readonly many: true;
}

/** A folder, and the files in it that count, as paths relative to it, sorted by code point. */
export interface OutsideFiles {
  readonly root: string;
  readonly files: readonly string[];
  /** SHA-256 by file where it is known already; such a file need not be there yet. */
  readonly digests?: Readonly<Record<string, string>>;
}

/** What a stage may look at while the plan is made. */
export interface PlanView {
  /** The folder that relative paths of a config start from. */
  readonly project: string;
  /** The config's seed. */
  readonly seed: number;
  /** The parameters of the stages of a kind that are above or below this one in the graph. */
  related(
    kind: string,
  ): ReadonlyArray<{ readonly name: string; readonly params: Record<string, unknown> }>;
  /** A path of the config made absolute. */
  resolve(path: string): string;
  /** Records a mistake at a parameter (dotted path within this stage, "" for the stage itself). */
  problem(parameter: string, message: string): void;
}

/** What a stage gets to work with. */
export interface StageContext<
  Params = unknown,
  Role extends string = string,
  Many extends string = never,
> {
  readonly params: Params;
  readonly seed: number;
  /**
   * Published folders by role; an optional input that the config does not have is undefined, and a
   * role that takes many has a list.
   */
  readonly inputs:
    & { readonly [role in Role]: Artifact }
    & { readonly [role in Many]: readonly Artifact[] };
  /** Where the result goes. It becomes the artifact when `run` returns. */
  readonly output: OutputFolder;
  /** A place that outlives a kill; emptied when the stage has published. */
  readonly checkpoint: Checkpoint;
  readonly report: Report;
  /** Opens what executes tensor operations, at the first call. */
  readonly engine: () => Promise<Engine>;
  /** Aborted on Ctrl-C: save a checkpoint and throw `Interrupted`. */
  readonly signal: AbortSignal;
  /** The folder that relative paths of a config start from. */
  readonly project: string;
  /**
   * An artifact with a key of its own, shared by all stages that ask with an equal record (the code
   * of the stage that asks is added to it). Built at most once; a builder that is killed goes on
   * from its checkpoint. `engine`, `threads` and paths do not belong in the record.
   */
  cached(request: CachedRequest): Promise<Artifact>;
}

/** A part of a stage's work that is worth keeping for other stages and runs. */
export interface CachedRequest {
  /** Folder in the store, `features` for example. */
  readonly kind: string;
  /** Everything that the result depends on, as plain JSON. */
  readonly record: Record<string, unknown>;
  /** The module whose code (with all that it imports) makes it: `import.meta.url` of the builder. */
  readonly code: string;
  /** Where it falls into parts that can be made apart. */
  readonly parts?: PartsRequest;
  build(place: { output: OutputFolder; checkpoint: Checkpoint; parts: StoredParts }): Promise<void>;
}

/**
 * How a result falls into parts, which several processes may make at once, on several machines. Their
 * number and what is in each follow from the record alone. Each is an artifact of its own until the
 * whole takes it.
 */
export interface PartsRequest {
  readonly count: number;
  /** Loads what it takes to make parts. Called once, and only where there is one to be made. */
  open(): Promise<PartMaker>;
}

/** Makes parts, one by one. */
export interface PartMaker extends Disposable {
  /** Writes the files of a part (from 0), by the names that they have in the whole. */
  make(part: number, output: OutputFolder): Promise<void>;
}

/** The parts that lie in the store, made by other processes. None where all is to be made anew. */
export interface StoredParts {
  /** What made a part (undefined: no engine); undefined where it is not there. Costs one look. */
  find(part: number): Promise<{ readonly engine: Engine | undefined } | undefined>;
  /** Checks a part and takes its files over. @returns false where it is gone or damaged. */
  take(part: number, output: OutputFolder): Promise<boolean>;
}

/** A published folder. Never changed. */
export interface Artifact {
  readonly kind: string;
  readonly key: string;
  /** SHA-256 over every file's name, size and digest (but `artifact.json`). */
  readonly content: string;
  /** Absolute path of the folder. */
  readonly path: string;
  /** Names of its files, relative, with `/`, sorted; without `artifact.json`. */
  readonly files: readonly string[];
  /** SHA-256 of one file. @throws {Error} if there is no such file. */
  digest(name: string): string;
  /** Absolute path of one file. @throws {Error} if there is no such file. */
  file(name: string): string;
  /** Reads one JSON file and checks it. */
  json<T>(name: string, schema: z.ZodType<T>): Promise<T>;
}

/** The folder that a stage writes. */
export interface OutputFolder {
  readonly path: string;
  /** Absolute path for a new file; makes the folders above it. */
  file(name: string): string;
  /** Writes JSON, two spaces of indentation and a line feed at the end. */
  json(name: string, value: unknown): Promise<void>;
  text(name: string, text: string): Promise<void>;
  bytes(name: string, bytes: Uint8Array): Promise<void>;
  /** Takes over a file of another artifact: a hard link where the disk can, else a copy. */
  take(name: string, from: string): Promise<void>;
}

/** Files that outlive a kill. Each is written whole or not at all, and verified when read. */
export interface Checkpoint {
  /** Calls `write` with a temporary path, then makes it `name` in one step. */
  save(name: string, write: (path: string) => Promise<void>): Promise<void>;
  /** Path of a saved file whose bytes are as they were saved; undefined where there is none. */
  load(name: string): Promise<string | undefined>;
  /** Names of saved files, sorted. */
  list(): Promise<string[]>;
  remove(name: string): Promise<void>;
}

/** What a stage tells the people who wait for it. */
export interface Report {
  /** `done` of `total` of `unit` ("images", "steps"); the runner adds rate and time left. */
  progress(done: number, total: number, unit: string, detail?: string): void;
  /** A line that stays: an epoch's result, what long work will take. */
  line(text: string): void;
  warn(text: string): void;
  /** Says that it goes on from a checkpoint ("epoch 3", "shard 12"); the status becomes `resumed`. */
  resumed(from: string): void;
  /** A fact of how it was made, not of the result: it goes into `artifact.json` alone. */
  record(name: string, value: unknown): void;
}

/** One picture: a Vega-Lite spec with its data inline. */
export interface FigureSpec {
  /** File name without ending: lower case, words joined by hyphens. */
  readonly name: string;
  /** What the report puts above it. */
  readonly title: string;
  /** What it shows, in words, for those who do not see it. */
  readonly description: string;
  // deno-lint-ignore no-explicit-any -- Vega-Lite's own type makes every spec a minute of checking
  readonly spec: Record<string, any>;
}

/**
 * One thing that an artifact's data show. It is found by a rule with a documented threshold, and there
 * is none where the data do not say so; no sentence would stand the same for every run.
 */
export interface Finding {
  /** One or two whole sentences, plain text, with their numbers. */
  readonly text: string;
  /** The rule that found it, as `docs/findings.md` names it: `overfitting`, `confused-pair`. */
  readonly rule: string;
  /** The number that the sentence rests on. */
  readonly value?: number;
  /** Its 95% interval. */
  readonly interval?: readonly [low: number, high: number];
  /** How many images (or epochs, or steps, as the text says) it rests on. */
  readonly of?: number;
  /** Name of the figure that shows it. */
  readonly figure?: string;
  /** Where the number stands: a file of the artifact and a JSON pointer, `history.json#/epochs/3`. */
  readonly source?: string;
}

/**
 * Ties a stage's parts together so that their types agree. Roles that take many are named as the
 * third of its types, `defineStage<Params, never, "measured">({ … })`; the others are inferred.
 */
export function defineStage<Params, Role extends string, Many extends string = never>(
  stage: StageDefinition<Params, Role, NoInfer<Many>>,
): StageDefinition<Params, Role> {
  // Which of its roles take many is of interest to its own run alone.
  return stage as unknown as StageDefinition<Params, Role>;
}

/** The kinds of stage that a config may use: word to definition and its module. */
export interface Registry {
  /** The words, for "did you mean". */
  readonly kinds: readonly string[];
  /** Finds a kind, or loads a user's module (absolute path). Undefined where there is none. */
  load(uses: string): Promise<{ definition: StageDefinition; module: string } | undefined>;
}
