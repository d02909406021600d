import { join, resolve } from "node:path";

/** Folder of this repository. */
export const ROOT = resolve(import.meta.dirname!, "../..");

/** How a command ended. */
export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Permissions of `deno task run`, read where they stand, so that a test has no wider ones. */
export function taskArguments(task: string): string[] {
  const { tasks } = JSON.parse(Deno.readTextFileSync(join(ROOT, "deno.json")));
  return tasks[task].command.split(" ").slice(1);
}

/** Runs what `deno task TASK …` runs. */
export async function task(
  name: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Outcome> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [...taskArguments(name), ...args],
    cwd: ROOT,
    env: { NO_COLOR: "1", ...env },
    stdout: "piped",
    stderr: "piped",
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, stdout: text(stdout), stderr: text(stderr) };
}

/** A folder with a deno.json of its own, so that `outputs/` is in it. Removed with `await using`. */
export async function temporaryProject(
  files: Readonly<Record<string, string>>,
): Promise<AsyncDisposable & { path: string }> {
  const path = await Deno.makeTempDir({ prefix: "vitrine-" });
  await Deno.writeTextFile(join(path, "deno.json"), "{}");
  for (const [name, text] of Object.entries(files)) {
    await Deno.writeTextFile(join(path, name), text);
  }
  return { path, [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }) };
}

/** A command under way. */
export interface Started {
  /** Waits until what it has printed matches. @throws if it ends before that. */
  until(pattern: RegExp): Promise<void>;
  kill(signal: Deno.Signal): void;
  readonly pid: number;
  readonly ended: Promise<Outcome>;
}

/** Starts what `deno task TASK …` runs. */
export function startTask(name: string, args: readonly string[]): Started {
  const child = new Deno.Command(Deno.execPath(), {
    args: [...taskArguments(name), ...args],
    cwd: ROOT,
    env: { NO_COLOR: "1" },
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  let stdout = "";
  let wake = () => {};
  const reading = (async () => {
    for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
      stdout += text;
      wake();
    }
    wake();
  })();
  const errors = new Response(child.stderr).text();
  let over = false;
  const ended = (async () => {
    const { code } = await child.status;
    await reading;
    over = true;
    wake();
    return { code, stdout, stderr: await errors };
  })();
  return {
    async until(pattern) {
      while (!pattern.test(stdout)) {
        if (over) throw new Error(`It ended before it printed ${pattern}:\n${stdout}`);
        await new Promise<void>((resolve) => wake = resolve);
      }
    },
    kill: (signal) => child.kill(signal),
    pid: child.pid,
    ended,
  };
}

/** Status of each stage, from run.json. */
export function statuses(run: string): Record<string, string> {
  const { stages } = JSON.parse(Deno.readTextFileSync(join(run, "run.json")));
  return Object.fromEntries(
    stages.map(({ name, status }: { name: string; status: string }) => [name, status]),
  );
}
