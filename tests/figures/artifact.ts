import { join } from "node:path";
import type { z } from "zod";
import { digestOf } from "../../base/digest.ts";
import { type TensorToWrite, writeSafetensors } from "../../base/safetensors.ts";
import type { Artifact } from "../../stages/stage.ts";

/** A folder with made-up files, in the place of what a stage publishes. */
export async function makeArtifact(
  kind: string,
  files: Record<string, object>,
  tensors: Record<string, Record<string, TensorToWrite>> = {},
  folder?: string,
): Promise<Artifact> {
  const path = folder ?? await Deno.makeTempDir();
  await Deno.mkdir(path, { recursive: true });
  for (const [name, value] of Object.entries(files)) {
    await Deno.writeTextFile(join(path, name), JSON.stringify(value, null, 2) + "\n");
  }
  for (const [name, content] of Object.entries(tensors)) {
    await writeSafetensors(join(path, name), content);
  }
  const key = await digestOf(kind);
  return {
    kind,
    key,
    content: key,
    path,
    files: [...Object.keys(files), ...Object.keys(tensors)].toSorted(),
    digest: () => key,
    file: (name) => join(path, name),
    json: async <T>(name: string, schema: z.ZodType<T>): Promise<T> =>
      schema.parse(JSON.parse(await Deno.readTextFile(join(path, name)))),
  };
}
