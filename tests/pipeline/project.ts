import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { z } from "zod";
import type { Disk } from "../../pipeline/disk.ts";
import type { SharedStoreOptions } from "../../pipeline/elsewhere_schema.ts";
import { Program } from "../../pipeline/program.ts";
import type { RunEvent } from "../../pipeline/events.ts";
import { type RunOptions, runPlan, type RunResult } from "../../pipeline/runner.ts";
import type { Plan } from "../../pipeline/types.ts";
import type { StageDefinition } from "../../stages/stage.ts";

/** A stage of a test: its code as text, as it will stand on the disk. */
export interface TestStage {
  /** Body of `run(context)`. */
  run: string;
  /** Body of `draw(artifact)`; without it the stage has no figures. */
  draw?: string;
  params?: Record<string, unknown>;
  needs?: Record<string, string | string[]>;
  seed?: boolean;
  kind?: string;
  /** Dotted path of a parameter to files, relative to the project. */
  files?: Record<string, { root: string; files: string[] }>;
}

/**
 * What {@linkcode TestProject.run} takes beside a plan. Each run is as one of a process of its own,
 * which loads code as it is then; runs that are given the same `program` are of one process.
 */
export type TestOptions = Partial<Omit<RunOptions, "sink">> & {
  name?: string;
  seed?: number;
  /** Where artifacts are shared. */
  store?: SharedStoreOptions;
};

let programs = 0;

/** A project in a temporary folder, with stages that a test can change and run. */
export class TestProject {
  path: string;
  stages: Record<string, TestStage>;
  /** Of the last run. */
  events: RunEvent[] = [];
  /** Of the last run. */
  result!: RunResult;
  /** By program: what Deno loads a module under, once for each. */
  readonly #versions = new WeakMap<Program, number>();

  private constructor(path: string, stages: Record<string, TestStage>) {
    this.path = path;
    this.stages = stages;
  }

  /** @param folder Where the project's own is made, by default among the temporary ones. */
  static async create(stages: Record<string, TestStage>, folder?: string): Promise<TestProject> {
    const place = { prefix: "vitrine-test-", dir: folder };
    const path = await Deno.realPath(await Deno.makeTempDir(place));
    const project = new TestProject(path, stages);
    project.write("deno.json", "{}");
    project.write("figures/render.ts", "export const renderer = 1;\n");
    for (const [name, stage] of Object.entries(stages)) project.writeStage(name, stage);
    return project;
  }

  /** The same project, from another process. */
  static open(path: string, stages: Record<string, TestStage>): TestProject {
    return new TestProject(path, stages);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.path, { recursive: true });
  }

  writeStage(name: string, stage: TestStage): void {
    this.stages[name] = stage;
    this.write(`stages/${name}/mod.ts`, "export {};\n");
    this.write(
      `stages/${name}/run.ts`,
      `export async function run(context: any): Promise<void> {\n${stage.run}\n}\n`,
    );
    if (stage.draw !== undefined) {
      this.write(
        `stages/${name}/draw.ts`,
        `export async function draw(artifact: any): Promise<any[]> {\n${stage.draw}\n}\n`,
      );
    }
  }

  write(name: string, text: string): void {
    Deno.mkdirSync(dirname(join(this.path, name)), { recursive: true });
    Deno.writeTextFileSync(join(this.path, name), text);
  }

  read(name: string): string {
    return Deno.readTextFileSync(join(this.path, name));
  }

  // deno-lint-ignore no-explicit-any -- a test knows the form of the file that it reads
  json(name: string): any {
    return JSON.parse(this.read(name));
  }

  exists(name: string): boolean {
    try {
      Deno.statSync(join(this.path, name));
      return true;
    } catch {
      return false;
    }
  }

  /** Names in a folder, sorted; none where it is missing. */
  list(name: string): string[] {
    try {
      return [...Deno.readDirSync(join(this.path, name))].map((entry) => entry.name).sort();
    } catch {
      return [];
    }
  }

  /** Absolute path of the only artifact of a kind. */
  artifact(kind: string): string {
    const keys = this.list(`outputs/.store/${kind}`);
    if (keys.length !== 1) throw new Error(`${keys.length} artifacts of ${kind}`);
    return join(this.path, "outputs", ".store", kind, keys[0]);
  }

  /** As a process of its own that runs the project's code. */
  program(): Program {
    return new Program(this.path);
  }

  plan(name = "demo", seed = 1, program = this.program()): Plan {
    return {
      name,
      config: join(this.path, "configs", `${name}.yaml`),
      project: this.path,
      seed,
      stages: Object.entries(this.stages).map(([stageName, stage]) => ({
        name: stageName,
        definition: this.#definition(stageName, stage, program),
        module: join(this.path, "stages", stageName, "mod.ts"),
        params: stage.params ?? {},
        needs: stage.needs ?? {},
        usesSeed: stage.seed ?? false,
      })),
    };
  }

  /** Runs the plan and gives the status of each stage. */
  async run(options: TestOptions = {}): Promise<Record<string, string>> {
    const { name, seed, store, program = this.program(), ...rest } = options;
    this.events = [];
    const plan = this.plan(name, seed, program);
    this.result = await runPlan(store === undefined ? plan : { ...plan, sharedStore: store }, {
      sink: (event) => this.events.push(event),
      signal: new AbortController().signal,
      engine: () =>
        Promise.resolve({
          name: "wasm",
          description: "a test",
          version: "1",
          device: "cpu",
          threads: 1,
        }),
      made: { host: "test" },
      renderer: {
        module: join(this.path, "figures", "render.ts"),
        load: () =>
          Promise.resolve({
            render: (figure) =>
              Promise.resolve({
                svg: `<svg>${JSON.stringify(figure.spec)}</svg>`,
                png: new Uint8Array([137, 80, 78, 71]),
              }),
          }),
      },
      program,
      ...rest,
    });
    return Object.fromEntries(this.result.stages.map((stage) => [stage.name, stage.status]));
  }

  /** Why a stage did what it did in the last run. */
  reason(stage: string): string {
    return this.result.stages.find(({ name }) => name === stage)!.reason;
  }

  error(stage: string): string | undefined {
    return this.result.stages.find(({ name }) => name === stage)!.error;
  }

  /** Texts of the last run's warnings. */
  warnings(): string[] {
    return this.events.flatMap((event) => (event.type === "warning" ? [event.text] : []));
  }

  /** Runs the same stages in a process of its own. */
  spawn(
    options: { env?: Record<string, string>; name?: string; store?: SharedStoreOptions } = {},
  ): Deno.ChildProcess {
    return new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--no-check", new URL("./child.ts", import.meta.url).pathname],
      env: {
        TEST_PROJECT: this.path,
        TEST_STAGES: JSON.stringify(this.stages),
        TEST_NAME: options.name ?? "demo",
        ...options.env,
        TEST_STORE: options.store === undefined ? "" : JSON.stringify(options.store),
      },
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
  }

  #definition(name: string, stage: TestStage, program: Program): StageDefinition {
    const folder = join(this.path, "stages", name);
    const version = this.#versions.get(program) ?? programs++;
    this.#versions.set(program, version);
    // The query makes Deno load the text that is there now, not the one of an earlier program.
    const load = (file: string) => import(`${pathToFileURL(join(folder, file))}?${version}`);
    return {
      kind: stage.kind ?? name,
      summary: name,
      params: z.unknown(),
      inputs: {},
      run: () => load("run.ts"),
      ...(stage.draw === undefined ? {} : { draw: () => load("draw.ts") }),
      ...(stage.files === undefined ? {} : {
        files: (_params, view) =>
          Object.fromEntries(
            Object.entries(stage.files!).map(([parameter, { root, files }]) => [
              parameter,
              { root: view.resolve(root), files },
            ]),
          ),
      }),
    };
  }
}

/** Changes one byte in the middle of a file. */
export function flipByte(path: string): void {
  const bytes = Deno.readFileSync(path);
  bytes[bytes.length >> 1] ^= 1;
  Deno.writeFileSync(path, bytes);
}

/** A disk on which some calls fail. */
export function failingDisk(disk: Disk, overrides: Partial<Disk>): Disk {
  return { ...disk, ...overrides };
}
