import { join } from "node:path";
import type { SharedStoreOptions } from "../../../pipeline/elsewhere_schema.ts";
import { chain } from "../chain.ts";
import { TestProject, type TestStage } from "../project.ts";

/** A stage with a file of its own size, and one of which there are two. */
export function files(bytes: number): TestStage {
  return {
    params: { bytes },
    run: `
      const bytes = new Uint8Array(context.params.bytes);
      for (let i = 0; i < bytes.length; i += 4096) bytes[i] = i / 4096 * 7;
      await context.output.bytes("large.bin", bytes);
      await context.output.text("folder/one.txt", "the same");
      await context.output.text("two.txt", "the same");
      await context.output.text("empty.txt", "");`,
  };
}

/** All is fetched. */
export const RESTORED = { numbers: "restored", sum: "restored", double: "restored" };
/** All is made. */
export const RAN = { numbers: "ran", sum: "ran", double: "ran" };

/** Two projects of the same stages, as on two machines; nothing of one is in the other. */
export async function twoMachines(
  stages: Record<string, TestStage> = chain(),
): Promise<AsyncDisposable & { first: TestProject; second: TestProject }> {
  const first = await TestProject.create(structuredClone(stages));
  const second = await TestProject.create(structuredClone(stages));
  return {
    first,
    second,
    async [Symbol.asyncDispose]() {
      await first[Symbol.asyncDispose]();
      await second[Symbol.asyncDispose]();
    },
  };
}

/** A temporary folder that both see. */
export async function sharedFolder(): Promise<
  AsyncDisposable & { path: string; read: SharedStoreOptions; write: SharedStoreOptions }
> {
  const path = await Deno.realPath(await Deno.makeTempDir({ prefix: "vitrine-shared-" }));
  return {
    path,
    read: { path, mode: "read" },
    write: { path, mode: "read-write" },
    [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }),
  };
}

/** Every file below a folder with its text, by path. */
export function contents(folder: string): Record<string, string> {
  const found: Record<string, string> = {};
  const walk = (path: string) => {
    for (const { name, isDirectory } of Deno.readDirSync(join(folder, path))) {
      const below = path ? `${path}/${name}` : name;
      if (isDirectory) walk(below);
      else found[below] = Deno.readTextFileSync(join(folder, below));
    }
  };
  walk("");
  return found;
}

/** What is published in a project's store, by path, with its bytes as text. */
export function published(project: TestProject): Record<string, string> {
  const kinds = project.list("outputs/.store")
    .filter((name) => !["locks", "memo", "scratch", "aside", "format"].includes(name));
  return Object.fromEntries(
    kinds.flatMap((kind) =>
      Object.entries(contents(join(project.path, "outputs/.store", kind)))
        .map(([name, text]) => [`${kind}/${name}`, text])
    ),
  );
}
