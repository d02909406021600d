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
function taskArguments(task: string): string[] {
  const { tasks } = JSON.parse(Deno.readTextFileSync(join(ROOT, "deno.json")));
  return tasks[task].command.split(" ").slice(1);
}

/** Runs what `deno task TASK …` runs. */
export async function task(name: string, args: readonly string[]): Promise<Outcome> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [...taskArguments(name), ...args],
    cwd: ROOT,
    env: { NO_COLOR: "1" },
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
