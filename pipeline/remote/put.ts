import { join } from "node:path";
import { inParallel } from "../../base/in_parallel.ts";
import { persist } from "../../base/retry.ts";
import { ARTIFACT_FILE, type StoredArtifact } from "../artifact.ts";
import { type Blobs, type Content, fileContent, textContent } from "./blobs.ts";
import { ATTEMPTS, blobName, entryName } from "./entry.ts";
import { AT_ONCE, type TransferOptions } from "./fetch.ts";

/**
 * Puts an artifact: its files first, its description last, so that whoever sees that finds all of
 * it. What is there already is left alone.
 *
 * @param again Names that are there and known to be wrong.
 * @returns Whether it was not there yet.
 */
export async function putArtifact(
  blobs: Blobs,
  artifact: StoredArtifact,
  again: ReadonlySet<string>,
  { progress, signal }: TransferOptions,
): Promise<boolean> {
  const entry = entryName(artifact.key);
  const put = (name: string, content: Content, signal: AbortSignal) =>
    persist(() => blobs.put(name, content, signal), { attempts: ATTEMPTS, signal });
  const stat = (name: string, signal: AbortSignal) =>
    again.has(name)
      ? Promise.resolve(undefined)
      : persist(() => blobs.stat(name, signal), { attempts: ATTEMPTS, signal });
  if (await stat(entry, signal) !== undefined) return false;
  const { files } = artifact.record;
  const names = new Map(Object.entries(files).map(([name, { sha256 }]) => [sha256, name]));
  const all = [...names.values()];
  const total = all.reduce((sum, name) => sum + files[name].size, 0);
  let done = 0;
  await inParallel(all, AT_ONCE, signal, async (name, signal) => {
    const { size, sha256 } = files[name];
    const there = await stat(blobName(sha256), signal);
    // One of another length is what a server kept of a connection that was cut.
    const whole = there !== undefined && (there.size ?? size) === size;
    if (!whole) {
      let sent = 0; // of this attempt
      const content = fileContent(artifact.file(name), size, sha256);
      const counted = countedContent(content, (now) => {
        done += now - sent;
        progress(done, total);
        sent = now;
      });
      await put(blobName(sha256), counted, signal);
    } else progress(done += size, total);
  });
  const text = await Deno.readTextFile(join(artifact.path, ARTIFACT_FILE));
  await put(entry, await textContent(text), signal);
  return true;
}

/** Content that tells how many of its bytes were read, from the beginning at each attempt. */
function countedContent(content: Content, onRead: (bytes: number) => void): Content {
  return {
    ...content,
    async open() {
      let read = 0;
      onRead(read);
      return (await content.open()).pipeThrough(
        new TransformStream({
          transform(piece, controller) {
            onRead(read += piece.length);
            controller.enqueue(piece);
          },
        }),
      );
    },
  };
}
