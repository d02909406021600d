import { dirname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

/** Folder of this repository. */
const ROOT = resolve(import.meta.dirname!, "../..");

/** How a command ended. */
export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A project in a temporary folder, and the commands as a user runs them in it. */
export class CommandProject implements AsyncDisposable {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  static async create(files: Readonly<Record<string, string>>): Promise<CommandProject> {
    const path = await Deno.realPath(await Deno.makeTempDir({ prefix: "vitrine-commands-" }));
    const project = new CommandProject(path);
    for (const [name, text] of Object.entries({ "deno.json": "{}", ...files })) {
      project.write(name, text);
    }
    return project;
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

  /** Names in a folder, sorted; none where it is missing. */
  list(name: string): string[] {
    try {
      return [...Deno.readDirSync(join(this.path, name))].map((entry) => entry.name).sort();
    } catch {
      return [];
    }
  }

  /** Runs `main.ts WORD …` with the permissions of the task, and no others. */
  async command(word: string, ...args: string[]): Promise<Ended> {
    return await this.#ended(this.#command(word, args));
  }

  /** The same as `npx deno task` starts it. */
  async byNpx(word: string, ...args: string[]): Promise<Ended> {
    return await this.#ended(this.#command(word, args, { npm_command: "exec" }));
  }

  /** Starts a command and leaves it running. */
  spawn(word: string, ...args: string[]): Deno.ChildProcess {
    return this.#command(word, args).spawn();
  }

  async #ended(command: Deno.Command): Promise<Ended> {
    const { code, stdout, stderr } = await command.output();
    const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
    return { code, stdout: text(stdout), stderr: text(stderr) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.path, { recursive: true });
  }

  /** @param env Variables beside those that the test itself was started with. */
  #command(
    word: string,
    args: readonly string[],
    env: Readonly<Record<string, string>> = {},
  ): Deno.Command {
    return new Deno.Command(Deno.execPath(), {
      args: [
        ...["run", "--no-prompt", "--no-check", "--quiet", `--config=${join(ROOT, "deno.json")}`],
        ...permissions(word),
        join(ROOT, "commands", "main.ts"),
        ...(word === "" ? [] : [word]),
        ...args,
      ],
      cwd: this.path,
      env: { NO_COLOR: "1", npm_command: "", ...env },
      stdout: "piped",
      stderr: "piped",
    });
  }
}

/** When the runs of {@linkcode runJson} started. */
export const RUN_STARTED = "2026-03-01T10:00:00.000Z";

/** The `run.json` of a run whose stages, each named for its kind, ended with these statuses. */
export function runJson(
  name: string,
  stages: Readonly<Record<string, string>>,
  config = "a.yaml",
): string {
  return JSON.stringify({
    name,
    config,
    parameters: {},
    seed: 0,
    engine: null,
    started: RUN_STARTED,
    seconds: 12,
    stages: Object.entries(stages).map(([stage, status]) => (
      { name: stage, kind: stage, key: null, status, reason: "", seconds: 0 }
    )),
  });
}

function permissions(word: string): string[] {
  const { tasks } = JSON.parse(Deno.readTextFileSync(join(ROOT, "deno.json")));
  const command: string = tasks[word]?.command ?? "--allow-read --allow-env";
  return command.split(" ").filter((argument) => argument.startsWith("--allow-"));
}

const ZOD = JSON.stringify(
  pathToFileURL(join(ROOT, "node_modules", "zod", "index.js")).href,
);

/**
 * Two stages in place of the project's own, so that a test needs no engine: `data` counts, and one
 * of kind `pretend` writes a history whose validation accuracy is `accuracy`, or fails below 0.
 */
export const TINY_STAGES: Readonly<Record<string, string>> = {
  "stages/data.ts": `
    import { z } from ${ZOD};
    export const stage = {
      kind: "data",
      summary: "Counts",
      params: z.strictObject({ size: z.int().min(1).default(3) }),
      inputs: {},
      run: () => Promise.resolve({
        run: (context) => context.output.json("data.json", { size: context.params.size }),
      }),
    };`,
  "stages/train.ts": `
    import { z } from ${ZOD};
    export const stage = {
      kind: "pretend",
      summary: "Pretends",
      params: z.strictObject({
        accuracy: z.number().max(1).default(0.5),
        loss: z.number().default(1),
        wait: z.boolean().default(false),
      }),
      inputs: { data: "data" },
      complete(params, view) {
        const size = view.related("data")[0].params.size;
        if (size > 90) view.problem("", "Cannot train on more than 90");
        return params;
      },
      run: () => Promise.resolve({
        async run({ params, output, signal, report }) {
          report.line("at work");
          while (params.wait) {
            if (signal.aborted) throw new Error("stopped");
            await new Promise((resolve) => setTimeout(resolve, 20));
          }
          if (params.accuracy < 0) throw new Error("It does not learn");
          await output.json("history.json", {
            steps: [],
            epochs: [{
              epoch: 0, train_loss: 1, train_accuracy: 0.5,
              validation_loss: params.loss, validation_accuracy: params.accuracy,
            }],
          });
        },
      }),
    };`,
};

/** The start of a config with those stages. */
export const TINY_CONFIG = `stages:
  data: { uses: ./stages/data.ts }
  train: { uses: ./stages/train.ts }
`;
